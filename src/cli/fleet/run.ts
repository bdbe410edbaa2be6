import { resolve } from 'node:path'
import { MOST_ATTEMPTS } from '../../domain/attempts/contest-facts.ts'
import { plainLine } from '../../foundation/text.ts'
import type { RunRequest } from '../../protocol/requests.ts'
import type { RunResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { followEvents } from '../daemon-client/event-stream.ts'
import { EXIT } from '../failures.ts'
import { flag, listed, oneOf, share, whole } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { withTerminalNotices } from '../notify/terminal-notices.ts'
import { reportLines, reportOf } from '../attempts/contest-report.ts'
import { changeLine, totals } from '../view/fleet-lines.ts'
import { planLines } from '../view/plan-lines.ts'
import { fleetEnd } from '../../protocol/progress.ts'
import { openLiveView } from '../view/live-view.ts'

const GOES_ON =
  'The fleet goes on without this view: `orch monitor` shows it, `orch run` follows it again, `orch stop NAME` ends a session.'

/** `whenInterrupted` is said after Ctrl-C. */
export async function run(context: Context, invocation: Invocation, whenInterrupted = GOES_ON): Promise<number> {
  const interruption = context.interruption()
  const response = await ask<RunResponse>(
    context,
    { method: 'POST', path: '/v1/run', body: requestOf(context, invocation), isRepeatable: true },
    'reading the backlog and starting its tasks',
  )
  narrate(context, response)
  if (response.isDryRun || flag(invocation, 'detach')) return answerStart(context, invocation, response)
  const handles = new Set(response.order)
  if (handles.size === 0) return answerStart(context, invocation, response)
  return followToEnd(context, invocation, handles, { interruption, whenInterrupted })
}

/** Shows how these tasks go on until none of them can without a person, and sums up. */
export async function followToEnd(
  context: Context,
  invocation: Invocation,
  handles: ReadonlySet<string>,
  { interruption, whenInterrupted }: { readonly interruption: AbortSignal; readonly whenInterrupted: string },
): Promise<number> {
  const end = await withTerminalNotices(context, () => follow(context, handles, interruption))
  if (end !== undefined) return summary(context, invocation, end.tasks, end)
  context.output.note(whenInterrupted)
  return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

function requestOf(context: Context, invocation: Invocation): RunRequest {
  const [backlog] = invocation.words
  const max = whole(invocation, 'max', 1, 500)
  const land = oneOf(invocation, 'land', ['auto', 'review'])
  const only = listed(invocation, 'only')
  const attempts = whole(invocation, 'attempts', 1, MOST_ATTEMPTS)
  const accept = share(invocation, 'accept')
  return {
    cwd: context.cwd,
    ...(backlog !== undefined && { backlog: resolve(context.cwd, backlog) }),
    ...(only.length > 0 && { only: [...only] }),
    ...(max !== undefined && { max }),
    ...(land !== undefined && { land }),
    ...(attempts !== undefined && { attempts }),
    ...(accept !== undefined && { accept }),
    environment: wholeEnvironment(context),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
}

/** How many have landed is said by the plan. */
function narrate(context: Context, { notes, skipped, plan, order }: RunResponse): void {
  if (order.length > 0) for (const note of notes) context.output.note(plainLine(note))
  const landed = new Set<string>(plan.landed)
  for (const { task, reason } of skipped) if (!landed.has(task)) context.output.note(`skipped ${plainLine(task)}: ${plainLine(reason)}`)
}

function answerStart(context: Context, invocation: Invocation, response: RunResponse): number {
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else if (response.order.length === 0) context.output.answer(`nothing to do: ${allLanded(response.plan.landed.length)}`)
  else {
    const [start, goOn] = response.isDryRun ? ['would start', 'continue'] : ['started', 'continued']
    for (const line of planLines(response.plan)) context.output.answer(line)
    context.output.answer(`${start} ${response.started.length}, ${goOn} ${response.continued.length}`)
    if (!response.isDryRun && response.order.length > 0)
      context.output.note('The fleet goes on by itself: `orch monitor` shows it, `orch run` follows it again.')
  }
  return EXIT.done
}

function allLanded(count: number): string {
  return count === 1 ? 'its task has landed' : `all ${count} tasks have landed`
}

type End = NonNullable<ReturnType<typeof fleetEnd>>

/** Undefined when it was interrupted. */
async function follow(
  context: Context,
  handles: ReadonlySet<string>,
  interruption: AbortSignal,
): Promise<(End & { readonly tasks: readonly TaskStatus[] }) | undefined> {
  const tasks = new Map<string, TaskStatus>()
  // What they come to is their feature's to say.
  const parts = new Map<string, TaskStatus>()
  const finished = new AbortController()
  const view = await openLiveView(context, () => [...tasks.values(), ...parts.values()])
  let end: End | undefined
  try {
    for await (const event of followEvents(context, AbortSignal.any([interruption, finished.signal]))) {
      if (event.kind === 'notice') view.line(plainLine(event.text))
      const fresh = event.kind === 'hello' ? event.tasks : event.kind === 'task' ? [event.task] : []
      for (const task of fresh) {
        // Of an attempt only what it asks a person is shown; the rest is its task's to tell.
        const isAsking = task.attemptOf !== undefined && handles.has(task.attemptOf.task) && task.requests.length > 0
        if (!isAsking && task.attemptOf !== undefined) tasks.delete(task.handle)
        const isPart = task.partOf !== undefined && handles.has(task.partOf.feature)
        if (!handles.has(task.handle) && !isAsking && !isPart) continue
        const known = isPart ? parts : tasks
        const before = known.get(task.handle)
        known.set(task.handle, task)
        if (before?.status !== task.status || before.reason !== task.reason) view.changed(changeLine(task))
      }
      end = [...handles].some((handle) => !tasks.has(handle)) ? undefined : fleetEnd([...tasks.values()], 'settled')
      if (end !== undefined) break
    }
  } finally {
    finished.abort()
    view.close()
  }
  return end === undefined ? undefined : { ...end, tasks: [...tasks.values()] }
}

function summary(context: Context, invocation: Invocation, tasks: readonly TaskStatus[], { failed, needsHuman }: End): number {
  const report = reportOf(tasks)
  if (flag(invocation, 'json')) {
    const contests = report.tasks.length > 0 && { contests: report.tasks }
    context.output.json({ schema: 1, at: new Date(context.now()).toISOString(), tasks, ...contests })
  } else {
    context.output.answer(totals(tasks))
    const open = tasks.filter((task) => task.status === 'Review' || failed.includes(task) || needsHuman.includes(task))
    for (const task of open) {
      context.output.answer(`  ${plainLine(task.handle)}: ${task.status}: ${plainLine(task.reason)}`)
      if (task.next !== undefined) context.output.answer(`    ${plainLine(task.next)}`)
    }
  }
  if (!flag(invocation, 'json') && report.tasks.length > 0) for (const line of reportLines(report)) context.output.answer(line)
  if (failed.length > 0) return EXIT.failed
  return needsHuman.length > 0 ? EXIT.needsHuman : EXIT.done
}
