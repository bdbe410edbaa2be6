import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, removeFolder } from '../temporary.ts'

/** A digest of everything below the folder: names, modes, content, and when each was written (but for objects, which git marks as used when it meets them again). */
export function fingerprint(folder: string): string {
  const digest = createHash('sha256')
  const walk = (path: string): void => {
    const stats = lstatSync(path)
    const isObject = path.includes('/.git/objects/') && stats.isFile()
    digest.update(`${path}\0${stats.mode}\0${isObject ? '' : stats.mtimeMs}\0`)
    if (stats.isSymbolicLink()) digest.update(readlinkSync(path))
    else if (stats.isDirectory()) for (const name of readdirSync(path).toSorted()) walk(join(path, name))
    else if (stats.isFile()) digest.update(readFileSync(path))
  }
  walk(folder)
  return digest.digest('hex')
}

export interface FullMerges {
  /** `a + b: file, file`: worktrees by the last part of their path, the target as `target`. */
  readonly conflicts: readonly string[]
  readonly merged: number
}

/** What a radar must find, by what git itself does with each pair: every worktree's content committed by `add --all`, every pair merged. Writes objects. */
export function mergeFully(worktrees: readonly { readonly name: string; readonly path: string }[], target: string): FullMerges {
  const sides = [...worktrees.map(({ name, path }) => ({ name, commit: commitAll(path) })), { name: 'target', commit: target }]
  const conflicts: string[] = []
  let merged = 0
  for (const [at, one] of sides.entries()) {
    for (const other of sides.slice(at + 1)) {
      const files = conflictsOf(worktrees[0]?.path ?? '.', one.commit, other.commit)
      merged++
      if (files.length > 0) conflicts.push(`${one.name} + ${other.name}: ${files.join(', ')}`)
    }
  }
  return { conflicts: conflicts.toSorted(), merged }
}

function commitAll(path: string): string {
  const folder = makeFolder('orch-index-')
  try {
    const index = join(folder, 'index')
    const own = git(path, ['rev-parse', '--path-format=absolute', '--git-path', 'index'])
    copyFileSync(own, index)
    // A newer index would hide what was written in the same moment as the old one.
    const { atime, mtime } = statSync(own)
    utimesSync(index, atime, mtime)
    const env = { GIT_INDEX_FILE: index }
    git(path, ['add', '--all'], env)
    return git(path, ['commit-tree', '-p', 'HEAD', '-m', 'All', git(path, ['write-tree'], env)])
  } finally {
    removeFolder(folder)
  }
}

function conflictsOf(cwd: string, one: string, other: string): string[] {
  try {
    git(cwd, ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', one, other])
    return []
  } catch (error) {
    const { status, stdout } = error as { status?: number; stdout?: string }
    if (status !== 1) throw error
    // A file that a folder stands in the way of is put beside it, as `name~commit`.
    const files = (stdout ?? '')
      .split('\0')
      .slice(1)
      .map((file) => file.replace(/~[0-9a-f]{40}(_\d+)?$/, ''))
    return [...new Set(files.filter((file) => file !== ''))].sort()
  }
}

function git(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const whole = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
    ...env,
  }
  return execFileSync('git', args, { cwd, env: whole, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 }).trim()
}
