import { plainLine } from '../../foundation/text.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { UndoRequest } from '../../protocol/requests.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import { wholeEnvironment } from '../context.ts'
import type { Command } from '../command-spec.ts'
import { ask } from '../daemon-client/client.ts'
import { flag } from '../invocation.ts'
import { followMerge, mergeLine } from './merge.ts'

export const undo: Command = async (context, invocation) => {
  const [name] = invocation.words
  const body: UndoRequest = {
    cwd: context.cwd,
    environment: wholeEnvironment(context),
    ...(name !== undefined && { name }),
    ...(flag(invocation, 'all') && { isWhole: true }),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  const first = await ask<MergeResponse>(context, { method: 'POST', path: '/v1/undo', body }, 'looking for the landing')
  return followMerge(context, invocation, first, (entry) => undoLine(entry, first))
}

/** The branch that brings it is orch's own: the person knows what is taken back. */
function undoLine(entry: MergeEntry, { undoes }: MergeResponse): string {
  const names = plainLine(undoes?.names.join(', ') ?? entry.handle, 400)
  switch (entry.outcome) {
    case 'landed':
      return `${names}: taken back by ${entry.commit.slice(0, 10)}`
    case 'would-land':
      return `${names}: would be taken back (${undoes?.from.slice(0, 10)}..${undoes?.to.slice(0, 10)})`
    case 'already-landed':
      return `${names}: nothing of it is left to take back`
    default:
      return `taking back ${names}\n${mergeLine(entry)}`
  }
}
