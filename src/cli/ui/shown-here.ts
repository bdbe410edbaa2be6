import { realpathSync } from 'node:fs'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { flag, type Invocation } from '../invocation.ts'
import { repositoryOf } from '../tasks/repository-of.ts'

/** Whether a task is of the repository that the person stands in; every one is outside of a repository, or when all are asked for. */
export function shownHere(context: Context, invocation: Invocation): (task: TaskStatus) => boolean {
  const repository = flag(invocation, 'all') ? undefined : repositoryOf(context.cwd)
  if (repository === undefined) return () => true
  const known = new Map<string, boolean>()
  return ({ repository: path }) => {
    const isSame = known.get(path) ?? (path === repository || realPath(path) === repository)
    known.set(path, isSame)
    return isSame
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
