import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'

/** The task's worktree that `cwd` lies in: the nearest folder above with `.orch/`. */
export function requireWorktreeRoot(cwd: string): string {
  const root = worktreeRoot(cwd)
  if (root !== undefined) return root
  throw new Failure('usage', 'This folder is in no worktree of a task (no .orch/ above it).', {
    next: 'run it inside a worktree; `orch list` shows them',
  })
}

export function worktreeRoot(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (statSync(join(folder, '.orch'), { throwIfNoEntry: false })?.isDirectory() === true) return folder
    if (dirname(folder) === folder) return undefined
  }
}
