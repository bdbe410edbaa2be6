import type { TaskId } from '../foundation/brand.ts'
import { nearest } from '../foundation/suggestion.ts'
import { plainLine } from '../foundation/text.ts'
import { matchName } from '../domain/tasks/names.ts'
import type { TaskStatus } from './task-status.ts'
import { taskAbove } from './task-status.ts'

export type FoundStatus =
  | { readonly kind: 'found'; readonly status: TaskStatus }
  | { readonly kind: 'ambiguous'; readonly statuses: readonly TaskStatus[] }
  | { readonly kind: 'unknown' }

/**
 * The task that a person means who stands in `cwd` (a real path): daemon and command line ask here, so that a name means one thing.
 * Nothing typed is the worktree they stand in.
 */
export function findStatus(statuses: readonly TaskStatus[], cwd: string, typed: string | undefined): FoundStatus {
  if (typed === undefined || typed === '') {
    const [status, ...others] = statuses.filter(
      ({ worktree, status }) => worktree !== undefined && status !== 'Archived' && isInside(cwd, worktree),
    )
    return status === undefined || others.length > 0 ? { kind: 'unknown' } : { kind: 'found', status }
  }
  const match = matchName(typed, statuses.map(toNamed), projectAt(statuses, cwd))
  switch (match.kind) {
    case 'found':
      return { kind: 'found', status: match.named.status }
    case 'ambiguous':
      return { kind: 'ambiguous', statuses: match.candidates.map(({ status }) => status) }
    case 'unknown':
      return match
  }
}

/** Why none was found, in the same words wherever it is said. */
export function unknownTask(statuses: readonly TaskStatus[], typed: string | undefined): { message: string; next: string } {
  const next = '`orch list` shows those of this repository, `orch list --all` every one'
  if (typed === undefined || typed === '') return { message: 'this folder is no worktree of a task, so say which task you mean', next }
  if (typed === '-') return { message: 'no task was named yet that "-" could stand for', next }
  const meant = nearest(
    typed,
    statuses.filter(({ status }) => status !== 'Archived').map(({ task }) => task),
  )
  return { message: `there is no task called "${plainLine(typed)}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`, next }
}

function toNamed(status: TaskStatus) {
  return {
    project: status.project,
    task: status.task as TaskId,
    branch: status.branch,
    ...(status.worktree !== undefined && { worktree: status.worktree.slice(status.worktree.lastIndexOf('/') + 1) }),
    title: status.title,
    isArchived: status.status === 'Archived',
    isAttempt: taskAbove(status) !== undefined,
    status,
  }
}

/** Repositories may stand inside each other: the innermost is where one stands. */
function projectAt(statuses: readonly TaskStatus[], cwd: string): string | undefined {
  let best: { project: string; length: number } | undefined
  for (const { project, repository, worktree } of statuses) {
    for (const root of [repository, worktree ?? repository]) {
      if (isInside(cwd, root) && root.length > (best?.length ?? 0)) best = { project, length: root.length }
    }
  }
  return best?.project
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
