import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { Failure } from '../../foundation/failure.ts'
import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { Breakage } from '../../domain/queue/entry.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { MergeRequest } from '../../protocol/requests.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { unlessInterrupted } from '../interruption.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'

export async function merge(context: Context, invocation: Invocation): Promise<number> {
  const call = { method: 'POST', path: '/v1/merge', body: await requestOf(context, invocation) } as const
  return followMerge(context, invocation, await ask<MergeResponse>(context, call, 'looking at what would be merged'))
}

/** Until all is decided, unless the person wants only to have asked. */
export async function followMerge(
  context: Context,
  invocation: Invocation,
  first: MergeResponse,
  lineOf: (entry: MergeEntry) => string = mergeLine,
): Promise<number> {
  let response = first
  if (!response.isDone && !flag(invocation, 'detach')) {
    const interruption = context.interruption()
    let said = ''
    while (!response.isDone) {
      const progress = progressOf(response)
      const path = `/v1/merge/${encodeURIComponent(response.id)}?wait=1`
      const next = await unlessInterrupted(interruption, (signal) =>
        ask<MergeResponse>(context, { method: 'GET', path, signal }, progress === said ? '' : progress),
      )
      if (next === undefined) return leave(context, interruption)
      response = next
      said = progress
    }
  }
  if (flag(invocation, 'json')) context.output.json({ schema: 2, ...response, ...(first.undoes && { undoes: first.undoes }) })
  else print(context, response, lineOf)
  return mergeExitCode(response.entries)
}

/** The queue does not depend on who watches. */
function leave(context: Context, interruption: AbortSignal): number {
  context.output.note('The queue goes on: `orch queue --follow` shows it, `orch queue remove NAME` takes out.')
  return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

async function requestOf(context: Context, invocation: Invocation): Promise<MergeRequest> {
  const isAll = flag(invocation, 'all')
  const file = text(invocation, 'fromFile')
  if (isAll && (invocation.words.length > 0 || file !== undefined)) throw usageFailure('Give names or --all, not both.')
  const words = [...invocation.words, ...(file === undefined ? [] : await namesIn(context, file))]
  if (file !== undefined && words.length === 0) throw usageFailure(`${file} names nothing.`)
  const validate = text(invocation, 'validate')
  return {
    cwd: context.cwd,
    names: isAll ? [] : named(context, words),
    environment: wholeEnvironment(context),
    ...(isAll && { isAll }),
    ...(validate !== undefined && { validate }),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
}

/** Empty lines and comments are left out. */
async function namesIn(context: Context, file: string): Promise<string[]> {
  const content = file === '-' ? await readAll(process.stdin) : await readFile(resolve(context.cwd, file), 'utf8').catch(unreadable(file))
  return content
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

function unreadable(file: string): (error: unknown) => never {
  return (cause) => {
    throw new Failure('unreadable-file', `${plainLine(file)} cannot be read`, { cause, next: 'name a file with one branch or task a line' })
  }
}

function named(context: Context, words: readonly string[]): string[] {
  return (words.length === 0 ? [undefined] : words).flatMap((word) => nameForDaemon(context, word) ?? [])
}

function progressOf({ entries, runs }: MergeResponse): string {
  const open = entries.filter((entry) => entry.outcome === 'running')
  const [first] = open
  if (first === undefined) return 'merging'
  const steps = new Set(open.map(({ step }) => step))
  const who = open.length === 1 ? first.handle : `${open.length} of ${entries.length}`
  const runWords = runs.length === 0 ? '' : ` (${runs.length} ${runs.length === 1 ? 'run' : 'runs'} so far)`
  return `${who}: ${steps.size === 1 ? first.step : 'in the queue'}${runWords}`
}

/** Something that did not land for a reason of its own is a failure; work that is tested but waits for a person is not. */
export function mergeExitCode(entries: readonly MergeEntry[]): number {
  if (entries.some(({ outcome }) => outcome === 'refused' || outcome === 'sent-back' || outcome === 'void')) return EXIT.failed
  return entries.some((entry) => entry.outcome === 'waiting') ? EXIT.needsHuman : EXIT.done
}

function print(
  context: Context,
  { entries, overlaps, notes, runs, suiteEquivalents }: MergeResponse,
  lineOf: (entry: MergeEntry) => string,
): void {
  for (const note of notes) context.output.note(`orch: ${plainLine(note, 500)}`)
  if (entries.length === 0) context.output.answer('nothing to merge')
  for (const entry of entries) context.output.answer(lineOf(entry))
  const open = new Set(entries.filter(({ outcome }) => outcome !== 'landed' && outcome !== 'already-landed').map(({ branch }) => branch))
  for (const { branch, other, files } of overlaps.filter((overlap) => open.has(overlap.branch) || open.has(overlap.other)))
    context.output.answer(`conflict ahead: ${plainLine(branch)} and ${plainLine(other)} both change ${plainLine(files.join(', '))}`)
  if (runs.length > 0) context.output.note(costWords(runs, suiteEquivalents))
}

function costWords(runs: MergeResponse['runs'], suiteEquivalents: number): string {
  const count = runs.filter(({ isCached }) => !isCached).length
  if (count === 0) return 'no test run was needed'
  const share = Math.round(suiteEquivalents * 10) / 10
  return `${count} test ${count === 1 ? 'run' : 'runs'}, together ${share === 1 ? 'one run' : `${share} runs`} of the whole suite`
}

export function mergeLine(entry: MergeEntry): string {
  const name = plainLine(entry.handle)
  switch (entry.outcome) {
    case 'landed':
      return `${name}: landed as ${entry.commit.slice(0, 10)}`
    case 'would-land':
      return `${name}: would land`
    case 'already-landed':
      return `${name}: has landed already, nothing to do`
    case 'running':
      return `${name}: ${plainLine(entry.step)}`
    case 'waiting':
      return `${name}: waits: ${plainLine(entry.reason)}\n  Next: ${plainLine(entry.next)}`
    case 'void':
      return `${name}: void: ${plainLine(entry.reason)}\n  Next: ${plainLine(entry.next)}`
    case 'sent-back':
      return [
        `${name}: sent back: ${plainLine(entry.reason, 500)}`,
        ...proofLines(entry.breakage),
        `  Next: ${plainLine(entry.next)}`,
      ].join('\n')
    case 'refused':
      return `${name}: refused: ${plainLine(entry.reason)}${unnamedFiles(entry)}\n  Next: ${plainLine(entry.next)}`
  }
}

const SHOWN = 3

/** What failed, as the report says it, else the end of the output. */
function proofLines(breakage: Breakage): string[] {
  if (breakage.kind !== 'fails') return []
  const failures = breakage.failures.slice(0, SHOWN).map(({ file, message, frames: [frame] }) => {
    const where = frame === undefined ? file : `${frame.path}:${frame.line}`
    return `  ${where === undefined ? '' : `${plainLine(where, 200)}  `}${plainLine(message.split('\n')[0] ?? '', 300)}`
  })
  const said = plainBlock(breakage.tail)
    .split('\n')
    .filter((line) => line.trim() !== '')
  const lines = failures.length > 0 ? failures : said.slice(-SHOWN).map((line) => `  | ${line.slice(0, 200)}`)
  return [...lines, `  Output: ${plainLine(breakage.log, 500)}`]
}

function unnamedFiles({ reason, files = [] }: Extract<MergeEntry, { outcome: 'refused' }>): string {
  return files
    .filter((file) => !reason.includes(file))
    .map((file) => `\n  ${plainLine(file)}`)
    .join('')
}
