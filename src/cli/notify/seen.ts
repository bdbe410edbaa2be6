import { plainLine } from '../../foundation/text.ts'
import type { Command } from '../command-spec.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import { loadNotices, markSeen, type ShownNotice } from '../tasks/notice-files.ts'
import { shortId } from './list.ts'

/** Nobody is told of these any more, on any channel. */
export const notifySeen: Command = async (context, invocation) => {
  const open = loadNotices(context.home).notices.filter(({ isOver }) => !isOver)
  const chosen = flag(invocation, 'all') ? open : choose(open, invocation.words)
  const isDryRun = flag(invocation, 'dryRun')
  if (!isDryRun)
    markSeen(
      context.home,
      chosen.map(({ id }) => id),
    )
  if (flag(invocation, 'json')) context.output.json({ schema: 1, seen: chosen.map(({ id }) => id), isDryRun })
  else if (chosen.length === 0) context.output.answer('There is nothing new.')
  else for (const { id, title } of chosen) context.output.answer(`${isDryRun ? 'would be seen' : 'seen'}: ${shortId(id)}  ${title}`)
  return EXIT.done
}

/** By the beginning of an id, or all of one task. */
function choose(open: readonly ShownNotice[], words: readonly string[]): readonly ShownNotice[] {
  if (words.length === 0) throw usageFailure('Which ones were seen?', '`orch notify seen --all`, or ids of `orch notify list`')
  const chosen = words.map((word) => {
    const found = open.filter(({ id, handle }) => handle === word || (word.length >= 4 && id.startsWith(word)))
    if (found.length === 0) throw usageFailure(`No open notice is called "${plainLine(word)}".`, '`orch notify list` shows them')
    return found
  })
  return [...new Set(chosen.flat())]
}
