import { parseSha, type Sha } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import type { Repository } from '../../ports/git.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'

/** From where to where a task's work goes. */
export interface Span {
  readonly from: Sha
  readonly to: Sha
}

/** Since the branch left its target, so that what it merged from there is not shown as its own; of landed work since its base. */
export async function spanOf(repository: Repository, task: TaskStatus): Promise<Span> {
  const to = (await repository.resolve(`refs/heads/${task.branch}`)) ?? (await lastCommit(repository, task))
  if (to === undefined) {
    const { handle, branch, kind, feature } = task
    if (kind === 'feature')
      throw new Failure('nothing-to-show', `${handle} has no work of its own yet: its departments are at theirs`, {
        next: `orch diff ${feature?.parts.find(({ commit }) => commit !== undefined)?.handle ?? feature?.parts[0]?.handle ?? handle}   or   orch table ${handle}`,
      })
    throw new Failure('nothing-to-show', `${handle} has no commits: there is no branch ${branch}`, {
      next: `orch logs ${handle}`,
    })
  }
  const base = parseSha(task.base ?? '')
  const target = await repository.targetTip(task.target).catch(() => undefined)
  const left = target === undefined ? undefined : await repository.mergeBase(target.commit, to)
  return { from: left === undefined || left === to ? (base ?? left ?? to) : left, to }
}

/** The branch of archived work may be gone while its commits are not. */
async function lastCommit(repository: Repository, task: TaskStatus): Promise<Sha | undefined> {
  return task.lastCommit === undefined ? undefined : repository.resolve(task.lastCommit.sha)
}

/** Undefined when it has no worktree (any more), which is no reason not to show its commits. */
export async function uncommittedPaths(repository: Repository, task: TaskStatus): Promise<readonly string[] | undefined> {
  if (task.worktree === undefined) return undefined
  return repository.inspectWorktree(task.worktree).then(
    (state) => state.uncommitted,
    () => undefined,
  )
}
