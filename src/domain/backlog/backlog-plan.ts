import type { TaskId } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import { planRun } from '../tasks/plan.ts'
import type { BacklogTask } from '../tasks/task.ts'
import { parseBacklog } from './backlog.ts'

/** What a run of a backlog does. `plan` and `run --dry-run` print it, `run` carries it out. */
export interface BacklogPlan {
  /** The chosen tasks, landed ones too, as the file has them. */
  readonly tasks: readonly BacklogTask[]
  readonly landed: readonly TaskId[]
  /** What would run together if all tasks took equally long. */
  readonly waves: readonly (readonly TaskId[])[]
  readonly criticalPath: readonly TaskId[]
  readonly max: number
}

export interface PlanWishes {
  /** Only these tasks and what they need; all when empty. */
  readonly only: readonly string[]
  readonly max: number
  /** Besides those whose box is ticked. */
  readonly isLanded: (id: TaskId) => boolean
}

/** Failures: `backlog-problems` with all of them as details, `empty-backlog`, `unknown-task`. `name` is how the file is called in them. */
export function planBacklog(file: Uint8Array, name: string, { only, max, isLanded }: PlanWishes): BacklogPlan {
  const tasks = chosen(requireTasks(file, name), only)
  const landed = tasks.filter((task) => task.isDone || isLanded(task.id)).map((task) => task.id)
  const { waves, criticalPath } = planRun(tasks, { max, landed: new Set(landed) })
  return { tasks, landed, waves, criticalPath, max }
}

function requireTasks(file: Uint8Array, name: string): readonly BacklogTask[] {
  const { tasks, problems } = parseBacklog(file)
  if (problems.length > 0) {
    throw new Failure(
      'backlog-problems',
      `${name} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`} and cannot be run`,
      {
        facts: { details: problems.map(({ line, message }) => `${name}:${line}: ${message}`) },
        safe: 'nothing was started',
        next: 'mend the lines above, then the same command again',
      },
    )
  }
  if (tasks.length === 0)
    throw new Failure('empty-backlog', `${name} has no task`, { next: 'add a line such as: - [ ] Say hello in README.md' })
  return tasks
}

function chosen(tasks: readonly BacklogTask[], only: readonly string[]): readonly BacklogTask[] {
  if (only.length === 0) return tasks
  const known = new Map<string, BacklogTask>(tasks.map((task) => [task.id, task]))
  const kept = new Set<BacklogTask>()
  const keep = (id: string): void => {
    const task = known.get(id)
    if (task === undefined)
      throw new Failure('unknown-task', `the backlog has no task "${id}"`, {
        safe: 'nothing was started',
        next: '`orch plan` shows every id',
      })
    if (kept.has(task)) return
    kept.add(task)
    task.needs.forEach(keep)
  }
  only.forEach(keep)
  return tasks.filter((task) => kept.has(task))
}
