import { lstatSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'

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

/** A folder of the exchange, which need not be there. Failure `not-a-folder` where a link on the way leads elsewhere: an agent may have put it there. */
export function exchangeFolder(root: string, ...names: readonly string[]): string {
  let path = root
  for (const name of ['.orch', ...names]) {
    path = join(path, name)
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== false) continue
    throw new Failure('not-a-folder', `${plainLine(path, 4096)} is not a folder but a link or a file.`, {
      safe: 'nothing was read or written there',
      next: 'remove it, then orch resume',
    })
  }
  return path
}
