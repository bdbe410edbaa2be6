import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { CleanupRequest } from '../../protocol/requests.ts'
import type { CleanupResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'

export async function cleanup(context: Context, invocation: Invocation): Promise<number> {
  const abandonReason = text(invocation, 'abandon')
  if (abandonReason?.trim() === '') throw usageFailure('--abandon needs the reason: it is kept with the work.')
  if (abandonReason !== undefined && invocation.words.length === 0 && !flag(invocation, 'all'))
    throw usageFailure('--abandon gives up work that did not land, so it needs names.', 'orch cleanup NAME --abandon "why"; or --all')
  const body: CleanupRequest = {
    cwd: context.cwd,
    names: invocation.words.flatMap((word) => nameForDaemon(context, word) ?? []),
    ...(flag(invocation, 'all') && { isAll: true }),
    ...(abandonReason !== undefined && { abandonReason }),
    ...(flag(invocation, 'remote') && { isRemote: true }),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  const response = await ask<CleanupResponse>(
    context,
    { method: 'POST', path: '/v1/cleanup', body },
    'saving notes and checking that nothing is lost',
  )
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else print(context, response)
  return response.entries.some((entry) => entry.outcome === 'refused') ? EXIT.failed : EXIT.done
}

function print(context: Context, { entries }: CleanupResponse): void {
  if (entries.length === 0) context.output.answer('nothing to clean up')
  for (const entry of entries) {
    context.output.answer(
      `${plainLine(entry.handle)}: ${outcomeWords(entry)}${entry.reason === undefined ? '' : `: ${plainLine(entry.reason)}`}`,
    )
    if (entry.isRepeated === true) continue
    for (const step of entry.steps) context.output.answer(`  ${plainLine(step, 4096)}`)
    if (entry.notes !== undefined && entry.notes.trim() !== '')
      context.output.answer(plainBlock(entry.notes.trimEnd()).replace(/^/gm, '  | '))
    for (const command of entry.restore ?? []) context.output.answer(`  Restore: ${plainLine(command, 8192)}`)
    if (entry.next !== undefined) context.output.answer(`  Next: ${plainLine(entry.next)}`)
  }
}

function outcomeWords({ outcome, isRepeated, archive = '' }: CleanupResponse['entries'][number]): string {
  return isRepeated === true ? `was removed before; its notes are in ${plainLine(archive, 4096)}` : outcome.replace('-', ' ')
}
