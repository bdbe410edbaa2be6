import { channelTroubles } from '../../domain/notices/delivery/channel-troubles.ts'
import { parseNoticeLines } from '../../domain/notices/notice-record.ts'
import { plainLine } from '../../foundation/text.ts'
import { noticesFile } from '../../config/home.ts'
import { ageOf } from '../../protocol/urgency.ts'
import type { Command } from '../command-spec.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Styles } from '../styles.ts'
import { loadNotices, type ShownNotice } from '../tasks/notice-files.ts'
import { textOf } from '../tasks/plain-files.ts'
import { fit } from '../view/fit.ts'

/** What there is to tell, oldest first, and which channel could not tell it; from files alone. */
export const notifyList: Command = async (context, invocation) => {
  const { notices } = loadNotices(context.home)
  const shown = flag(invocation, 'all') ? notices : notices.filter(({ isOver }) => !isOver)
  const troubles = channelTroubles(parseNoticeLines(textOf(noticesFile({ root: context.home }))))
  if (flag(invocation, 'json')) {
    context.output.json({ schema: 1, notices: shown, troubles })
    return EXIT.done
  }
  const { columns, styles } = context.output.answers
  if (shown.length === 0) context.output.answer('There is nothing new.')
  for (const notice of shown) context.output.answer(noticeLines(notice, { columns, styles, now: context.now() }).join('\n'))
  for (const { channel, reason, againAt } of troubles) {
    const then = againAt === undefined ? 'it was given up' : `tried again at ${new Date(againAt).toLocaleTimeString()}`
    context.output.note(`${plainLine(channel)} has not taken the last message: ${plainLine(reason)}; ${then}`)
  }
  return EXIT.done
}

interface View {
  readonly columns: number
  readonly styles: Styles
  readonly now: number
}

function noticeLines({ id, title, text, next, at, isOver }: ShownNotice, { columns, styles, now }: View): readonly string[] {
  const head = [shortId(id), title, ageOf(new Date(at).toISOString(), now), ...(isOver ? ['over'] : [])].join('  ')
  const [first = ''] = text.split('\n')
  return [
    fit(isOver ? styles.dim(head) : styles.bold(head), columns),
    ...(first === '' ? [] : [fit(`  ${plainLine(first, 400)}`, columns)]),
    `  ${styles.cyan(plainLine(next, 400))}`,
  ]
}

/** The beginning of an id is enough to name it. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}
