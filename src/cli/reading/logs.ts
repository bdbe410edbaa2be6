import { createReadStream, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { LogResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { followEvents } from '../daemon-client/event-stream.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { rememberTask } from '../tasks/last-task.ts'

export async function logs(context: Context, invocation: Invocation): Promise<number> {
  const named = requireTask(context, invocation.words[0])
  rememberTask(context, named.handle)
  const task = withSession(context, named)
  const print = flag(invocation, 'raw') ? rawPrinter(context, task) : linesPrinter(context, task, flag(invocation, 'json'))
  await print()
  if (!flag(invocation, 'raw') && !flag(invocation, 'json')) await printFailedValidation(context, task)
  if (!flag(invocation, 'follow')) return EXIT.done
  const interruption = context.interruption()
  // Every step of a session changes its status, so the daemon's events say when there is more to read.
  for await (const event of followEvents(context, interruption)) {
    if (event.kind === 'hello' || (event.kind === 'task' && event.task.handle === task.handle)) await print()
  }
  return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

/** A feature has no session of its own: that of its integration speaks for it, else of the first department. */
function ofFeature(context: Context, { parts }: NonNullable<TaskStatus['feature']>): TaskStatus | undefined {
  const begun = parts.filter(({ standing }) => standing !== 'later')
  const meant = begun.find(({ phase }) => phase === 'integration') ?? begun[0]
  if (meant === undefined) return undefined
  const others = begun.filter((part) => part !== meant).map(({ handle }) => `orch logs ${plainLine(handle)}`)
  context.output.note([plainLine(meant.department), ...(others.length > 0 ? [`the others: ${others.join(', ')}`] : [])].join('; '))
  return requireTask(context, meant.handle)
}

/** A task of several attempts has no session of its own: that of the one that is taken or proposed speaks for it, else of the first. */
function withSession(context: Context, task: TaskStatus): TaskStatus {
  if (task.feature !== undefined) return ofFeature(context, task.feature) ?? task
  const { attempts, taken, proposed } = task.contest ?? {}
  const number = taken ?? proposed
  const meant = attempts?.find((attempt) => attempt.number === number) ?? attempts?.[0]
  if (meant === undefined) return task
  context.output.note(
    `attempt ${meant.number}; the others: ${(attempts ?? [])
      .filter((each) => each !== meant)
      .map(({ handle }) => `orch logs ${plainLine(handle)}`)
      .join(', ')}`,
  )
  return requireTask(context, meant.handle)
}

function linesPrinter(context: Context, task: TaskStatus, isJson: boolean): () => Promise<void> {
  let [record, after] = ['', 0]
  return async () => {
    for (let hasMore = true; hasMore;) {
      const query = new URLSearchParams({ cwd: context.cwd, name: task.handle, record, after: String(after) }).toString()
      const response = await ask<LogResponse>(context, { method: 'GET', path: `/v1/tasks/log?${query}` }, 'reading the log')
      const isFirst = record === ''
      ;({ record, next: after, hasMore } = response)
      if (isJson && (isFirst || response.lines.length > 0)) context.output.json({ schema: 1, ...response })
      if (isJson) continue
      for (const line of response.lines)
        context.output.answer(`${clockTime(line.at)}  ${plainLine(line.kind, 20).padEnd(KIND_WIDTH)}  ${indented(line.text)}`)
      if (isFirst && response.lines.length === 0) context.output.note('no session has said anything yet')
    }
  }
}

/** `permission-asked` is the longest kind that is common; the text of several lines stands below its first one. */
const KIND_WIDTH = 12
const INDENT = `\n${' '.repeat('00:00:00'.length + 2 + KIND_WIDTH + 2)}`

function indented(text: string): string {
  return plainBlock(text.trimEnd()).replaceAll('\n', INDENT)
}

/** The time of day where the person is. */
function clockTime(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8)
}

const SHOWN_OUTPUT_LINES = 40

/** Why finished work did not pass: the end of what the command printed. */
async function printFailedValidation(context: Context, { handle, verdict }: TaskStatus): Promise<void> {
  if (verdict === undefined || verdict.isPassed) return
  const file = join(context.home, 'sessions', handle, 'commands', 'validate.log')
  const output = await readFile(file, 'utf8').catch(() => '')
  context.output.answer(`${clockTime(verdict.at)}  ${'validation'.padEnd(KIND_WIDTH)}  ${plainLine(verdict.summary)}`)
  for (const line of output.trimEnd().split('\n').slice(-SHOWN_OUTPUT_LINES)) context.output.answer(`  | ${plainBlock(line)}`)
  context.output.note(`the whole output: ${plainLine(file, 4096)}`)
}

/** The record as the agent wrote it; on a terminal made safe to look at. */
function rawPrinter(context: Context, task: TaskStatus): () => Promise<void> {
  const { answers } = context.output
  let start = 0
  return async () => {
    const path = task.process === undefined ? undefined : join(task.process.folder, 'out.jsonl')
    if (path === undefined || statSync(path, { throwIfNoEntry: false }) === undefined)
      throw new Failure('no-record', `${task.handle} has no record of an agent yet.`, { next: `orch logs ${task.handle}` })
    for await (const piece of createReadStream(path, { start })) {
      const bytes = piece as Buffer
      start += bytes.length
      answers.stream.write(answers.isTerminal ? plainBlock(bytes.toString('utf8')) : bytes)
    }
  }
}
