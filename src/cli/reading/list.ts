import { plainLine } from '../../foundation/text.ts'
import type { TasksResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { byUrgency, requestQuestion, styleStatus } from '../view/urgency.ts'
import { shownTasks } from './shown-tasks.ts'

export async function list(context: Context, invocation: Invocation): Promise<number> {
  const tasks = byUrgency(shownTasks(context, flag(invocation, 'all')).tasks)
  if (flag(invocation, 'json')) {
    context.output.json({ schema: 1, at: new Date(context.now()).toISOString(), tasks } satisfies TasksResponse)
    return EXIT.done
  }
  const { styles } = context.output.answers
  const width = Math.max(0, ...tasks.map((task) => task.handle.length))
  for (const task of tasks) {
    context.output.answer(
      `${plainLine(task.handle).padEnd(width)}  ${styleStatus(styles, task.status, task.status.padEnd(10))}  ${plainLine(task.branch)}  ${plainLine(task.title, 60)}`,
    )
    for (const request of task.requests) context.output.answer(`  ${plainLine(request.id, 60)}  ${requestQuestion(request)}`)
  }
  return EXIT.done
}
