import { plainLine } from '../../foundation/text.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { taskAbove } from '../../protocol/task-status.ts'
import type { TasksResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { byUrgency, requestQuestion } from '../../protocol/urgency.ts'
import { styleStatus } from '../view/urgency.ts'
import { shownTasks } from './shown-tasks.ts'

export async function list(context: Context, invocation: Invocation): Promise<number> {
  const tasks = byUrgency(shownTasks(context, flag(invocation, 'all')).tasks)
  if (flag(invocation, 'json')) {
    context.output.json({ schema: 1, at: new Date(context.now()).toISOString(), tasks } satisfies TasksResponse)
    return EXIT.done
  }
  const { styles } = context.output.answers
  if (tasks.length === 0) context.output.note('no tasks yet: `orch run` starts those of the backlog, `orch spawn NAME "…"` one more')
  const [names, branches] = [widest(tasks.map(nameOf)), widest(tasks.map(({ branch }) => branch))]
  const { isTerminal, columns } = context.output.answers
  // On a terminal the title gives way, so that a task stays one line.
  const room = isTerminal ? Math.max(12, Math.min(60, columns - names - branches - 16)) : 60
  for (const task of tasks) {
    context.output.answer(
      `${padded(nameOf(task), names)}  ${styleStatus(styles, task.status, task.status.padEnd(10))}  ${padded(task.branch, branches)}  ${plainLine(task.title, room)}`,
    )
    for (const request of task.requests) context.output.answer(`  ${plainLine(request.id, 60)}  ${requestQuestion(request)}`)
  }
  return EXIT.done
}

/** Attempts and parts stand below their task. */
function nameOf(task: TaskStatus): string {
  return taskAbove(task) === undefined ? task.handle : `  ${task.handle}`
}

const WIDEST = 48

/** One name of 200 letters must not push the others off the screen. */
function widest(words: readonly string[]): number {
  return Math.min(WIDEST, Math.max(0, ...words.map((word) => word.length)))
}

function padded(text: string, width: number): string {
  return `${/^ */.exec(text)?.[0] ?? ''}${plainLine(text)}`.padEnd(width)
}
