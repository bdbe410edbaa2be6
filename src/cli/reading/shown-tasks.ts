import { realpathSync } from 'node:fs'
import { plainLine } from '../../foundation/text.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { loadStatuses } from '../tasks/status-files.ts'

/** The tasks of the repository that the person stands in; of every one outside of a repository or when all are asked for. */
export function shownTasks(context: Context, isAll: boolean): { tasks: readonly TaskStatus[]; repository: string | undefined } {
  const { tasks, skipped } = loadStatuses(context.home)
  if (skipped.length > 0)
    context.output.note(
      `orch: skipped ${skipped.length} session folder(s) whose status.json cannot be read: ${plainLine(skipped.join(', '), 120)}`,
    )
  const repository = isAll ? undefined : repositoryOf(context.cwd)
  if (repository === undefined) return { tasks, repository }
  return { tasks: tasks.filter((task) => isSame(task.repository, repository)), repository }
}

function isSame(path: string, repository: string): boolean {
  if (path === repository) return true
  try {
    return realpathSync(path) === repository
  } catch {
    return false
  }
}
