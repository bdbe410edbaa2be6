import { plainLine } from '../../foundation/text.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { MergeRequest } from '../../protocol/requests.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'

export async function merge(context: Context, invocation: Invocation): Promise<number> {
  const isAll = flag(invocation, 'all')
  if (isAll && invocation.words.length > 0) throw usageFailure('Give names or --all, not both.')
  const names = isAll ? [] : named(context, invocation.words)
  const validate = text(invocation, 'validate')
  const body: MergeRequest = {
    cwd: context.cwd,
    names,
    environment: wholeEnvironment(context),
    ...(isAll && { isAll }),
    ...(validate !== undefined && { validate }),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
  let response = await ask<MergeResponse>(context, { method: 'POST', path: '/v1/merge', body }, 'looking at what would be merged')
  while (!response.isDone) {
    const running = response.entries.find((entry) => entry.outcome === 'running')
    const what = running === undefined ? 'merging' : `${running.handle}: ${running.step}`
    response = await ask<MergeResponse>(context, { method: 'GET', path: `/v1/merge/${encodeURIComponent(response.id)}?wait=1` }, what)
  }
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else print(context, response)
  return mergeExitCode(response.entries)
}

function named(context: Context, words: readonly string[]): string[] {
  return (words.length === 0 ? [undefined] : words).flatMap((word) => nameForDaemon(context, word) ?? [])
}

/** Something refused is a failure; work that is tested but waits for a person is not. */
export function mergeExitCode(entries: readonly MergeEntry[]): number {
  if (entries.some((entry) => entry.outcome === 'refused')) return EXIT.failed
  return entries.some((entry) => entry.outcome === 'waiting') ? EXIT.needsHuman : EXIT.done
}

function print(context: Context, { entries, overlaps }: MergeResponse): void {
  if (entries.length === 0) context.output.answer('nothing to merge')
  for (const entry of entries) context.output.answer(mergeLine(entry))
  for (const { branch, other, files } of overlaps)
    context.output.answer(`conflict ahead: ${plainLine(branch)} and ${plainLine(other)} both change ${plainLine(files.join(', '))}`)
}

export function mergeLine(entry: MergeEntry): string {
  const name = plainLine(entry.handle)
  switch (entry.outcome) {
    case 'landed':
      return `${name}: landed as ${entry.commit.slice(0, 10)}`
    case 'would-land':
      return `${name}: would land`
    case 'already-landed':
      return `${name}: had landed already`
    case 'running':
      return `${name}: ${plainLine(entry.step)}`
    case 'waiting':
      return `${name}: waits: ${plainLine(entry.reason)}\n  Next: ${plainLine(entry.next)}`
    case 'refused':
      return `${name}: refused: ${plainLine(entry.reason)}${unnamedFiles(entry)}\n  Next: ${plainLine(entry.next)}`
  }
}

function unnamedFiles({ reason, files = [] }: Extract<MergeEntry, { outcome: 'refused' }>): string {
  return files
    .filter((file) => !reason.includes(file))
    .map((file) => `\n  ${plainLine(file)}`)
    .join('')
}
