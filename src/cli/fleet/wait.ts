import type { TaskStatus } from '../../protocol/task-status.ts'
import { taskAbove } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { followEvents } from '../daemon-client/event-stream.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { duration, flag, oneOf } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { withTerminalNotices } from '../notify/terminal-notices.ts'
import { shownTasks } from '../reading/shown-tasks.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { changeLine } from '../view/fleet-lines.ts'
import { fleetEnd } from '../../protocol/progress.ts'

/** Returns when all have come so far, or none of the others can without a person. */
export function wait(context: Context, invocation: Invocation): Promise<number> {
  return withTerminalNotices(context, () => follow(context, invocation))
}

async function follow(context: Context, invocation: Invocation): Promise<number> {
  const goal = oneOf(invocation, 'for', ['merged', 'review', 'idle', 'needs-you']) ?? 'review'
  const timeoutMs = duration(invocation, 'timeout')
  const tasks = new Map(chosen(context, invocation.words).map((task) => [task.handle, task]))
  const timeout = timeoutMs === undefined ? new AbortController().signal : AbortSignal.timeout(timeoutMs)
  const interruption = context.interruption()
  const finished = new AbortController()
  for await (const event of followEvents(context, AbortSignal.any([timeout, interruption, finished.signal]))) {
    const fresh = event.kind === 'hello' ? event.tasks : event.kind === 'task' ? [event.task] : []
    for (const task of fresh) if (tasks.has(task.handle)) tasks.set(task.handle, task)
    const all = [...tasks.values()]
    const isOneEnough = goal === 'needs-you' && all.some((task) => task.status === 'Needs you')
    const end = isOneEnough ? { failed: [], needsHuman: [] } : fleetEnd(all, goal)
    if (end === undefined) continue
    finished.abort()
    return answer(context, invocation, all, end)
  }
  if (interruption.aborted) return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
  context.output.note('The time is over; the sessions go on.')
  answer(context, invocation, [...tasks.values()], { failed: [], needsHuman: [] })
  return EXIT.failed
}

function chosen(context: Context, words: readonly string[]): readonly TaskStatus[] {
  if (words.length > 0) return words.map((word) => requireTask(context, word))
  const tasks = shownTasks(context, false).tasks.filter((task) => task.status !== 'Archived' && taskAbove(task) === undefined)
  if (tasks.length === 0) throw usageFailure('There is nothing to wait for here.', '`orch list --all` shows every name')
  return tasks
}

function answer(
  context: Context,
  invocation: Invocation,
  tasks: readonly TaskStatus[],
  end: { failed: readonly TaskStatus[]; needsHuman: readonly TaskStatus[] },
): number {
  if (flag(invocation, 'json')) context.output.json({ schema: 1, at: new Date(context.now()).toISOString(), tasks })
  else for (const task of tasks) context.output.answer(changeLine(task))
  if (end.failed.length > 0) return EXIT.failed
  return end.needsHuman.length > 0 ? EXIT.needsHuman : EXIT.done
}
