import { basename } from 'node:path'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { countByStatus, statusLine } from '../view/status-line.ts'
import { costOf } from '../../protocol/urgency.ts'
import { shownTasks } from './shown-tasks.ts'

export async function status(context: Context, invocation: Invocation): Promise<number> {
  const { tasks, repository } = shownTasks(context, flag(invocation, 'all'))
  const projects = byProject(tasks)
  if (flag(invocation, 'json')) {
    context.output.json({
      schema: 1,
      at: new Date(context.now()).toISOString(),
      projects: projects.map(([project, those]) => ({
        project,
        line: statusLine(project, those),
        counts: countByStatus(those),
        costUsd: costOf(those),
      })),
      tasks,
    })
    return EXIT.done
  }
  if (projects.length === 0) context.output.answer(`${repository === undefined ? 'orch' : basename(repository)}: no sessions`)
  for (const [project, those] of projects) context.output.answer(statusLine(project, those))
  return EXIT.done
}

function byProject(tasks: readonly TaskStatus[]): readonly (readonly [string, readonly TaskStatus[]])[] {
  const projects = new Map<string, TaskStatus[]>()
  for (const task of tasks) projects.set(task.project, [...(projects.get(task.project) ?? []), task])
  return [...projects].sort(([a], [b]) => (a < b ? -1 : 1))
}
