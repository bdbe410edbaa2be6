import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * The main worktree that `cwd` belongs to, found without starting git: a `.git` folder marks it, a `.git` file of a linked
 * worktree points into it. Undefined outside of any repository.
 */
export function repositoryOf(cwd: string): string | undefined {
  for (let folder = realPath(cwd); ; folder = dirname(folder)) {
    const found = mainWorktreeAt(folder)
    if (found !== undefined) return found
    if (dirname(folder) === folder) return undefined
  }
}

function mainWorktreeAt(folder: string): string | undefined {
  const kind = statSync(join(folder, '.git'), { throwIfNoEntry: false })
  if (kind?.isDirectory() === true) return folder
  if (kind?.isFile() === true) return pointedAt(folder)
  return isBare(folder) ? folder : undefined
}

function pointedAt(folder: string): string {
  const gitFolder = /^gitdir: (.+)$/m.exec(readFileSync(join(folder, '.git'), 'utf8'))?.[1]?.trim()
  const common = gitFolder === undefined ? undefined : /^(.*)\/worktrees\/[^/]+\/?$/.exec(resolve(folder, gitFolder))?.[1]
  // A submodule's `.git` file points elsewhere: it is a repository of its own.
  if (common === undefined) return folder
  return realPath(configuredWorktree(common) ?? (common.endsWith('/.git') ? dirname(common) : common))
}

/** `core.worktree`: where the main worktree of a submodule or of `git init --separate-git-dir` is. */
function configuredWorktree(common: string): string | undefined {
  try {
    const path = /^\s*worktree\s*=\s*(.+?)\s*$/m.exec(readFileSync(join(common, 'config'), 'utf8'))?.[1]
    return path === undefined ? undefined : resolve(common, path)
  } catch {
    return undefined
  }
}

function isBare(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => statSync(join(folder, name), { throwIfNoEntry: false }) !== undefined)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
