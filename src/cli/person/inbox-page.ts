import { plainLine } from '../../foundation/text.ts'
import type { InboxItem } from '../../domain/gates/inbox-item.ts'
import type { Styles } from '../styles.ts'
import { fit, wrap } from '../view/fit.ts'
import { ageOf } from '../../protocol/urgency.ts'

export interface InboxView {
  readonly now: number
  readonly styles: Styles
  readonly columns: number
  readonly kept: number
}

const MOST_OPTIONS = 4
/** Of a question; all of it stands on the board. */
const MOST_LINES = 4

/** A few lines each: who asks for how long, what, and what to type. */
export function inboxPage(items: readonly InboxItem[], view: InboxView): string {
  const kept = view.kept === 0 ? [] : [keptWords(view.kept)]
  if (items.length === 0) return ['Nothing waits for you.', ...kept].join('\n')
  const many = items.length === 1 ? '1 thing waits' : `${items.length} things wait`
  return [view.styles.bold(`${many} for you`), ...items.flatMap((item) => itemLines(item, view)), ...kept].join('\n')
}

function itemLines(item: InboxItem, { now, styles, columns }: InboxView): string[] {
  const { kind, who, what, since, next, options } = item
  // The beginning of an id that a machine made is enough.
  const id = item.id === who ? '' : plainLine(/^[0-9a-f]{8}(?=-)/.exec(item.id)?.[0] ?? item.id, 40)
  const head = [id, kind === 'task' ? 'needs you' : kind, plainLine(who, 60), ageOf(since, now)].filter((word) => word !== '').join('  ')
  const choices = (options ?? []).slice(0, MOST_OPTIONS).map((option, at) => `${at + 1} ${plainLine(option, 60)}`)
  return [
    fit(styles.bold(head), columns),
    ...wrap(plainLine(what, 600), Math.max(20, columns - 2), MOST_LINES).map((line) => `  ${line}`),
    ...(kind === 'choice' || next.startsWith('orch approve') || choices.length === 0 ? [] : [fit(`  ${choices.join(' · ')}`, columns)]),
    `  ${styles.cyan(plainLine(next, 400))}`,
  ]
}

function keptWords(kept: number): string {
  return `${kept === 1 ? '1 answer is' : `${kept} answers are`} kept until the daemon runs again: \`orch daemon start\``
}
