import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../../../foundation/brand.ts'
import { splitNul } from '../git-command.ts'
import type { Place } from '../place.ts'
import type { Scratch } from '../scratch.ts'
import type { Entry } from '../worktrees/entries.ts'
import { isOwnFile, withStatus } from '../worktrees/inspect.ts'
import { readFiles, type WorktreeFiles } from './worktree-files.ts'

/** A worktree whose files are about to be read. Paths are bytes, as latin1. */
export interface Observed {
  readonly path: string
  readonly entry: Entry
  readonly head: Sha
  /** Of the index, before anything was read. */
  readonly stamp: string
  /** What was found uncommitted before. */
  readonly dirty: ReadonlySet<string>
  /** What may have changed besides; of these the ignored ones are left out. `unknown`: the whole worktree is looked at. */
  readonly fresh: ReadonlySet<string> | 'unknown'
}

/** A hostile worktree can make git wait for ever; the others must not wait with it. */
const LOOK_MS = 20_000

export async function observe(
  place: Place,
  scratch: Scratch,
  seen: Observed,
  isTracked: (path: string) => boolean,
  signal: AbortSignal,
): Promise<WorktreeFiles> {
  const root = seen.path
  if (seen.fresh !== 'unknown') {
    const kept = await withoutIgnored(scratch, root, [...seen.fresh], isTracked)
    const found = await readFiles(scratch, root, new Set([...seen.dirty, ...kept]))
    if (!found.hasFolder) return found
  }
  const changed = await withStatus(
    place,
    seen.entry,
    seen.head,
    async (_scratch, changes) => changes.filter(({ kind }) => kind === 'tracked' || kind === 'untracked').map(({ path }) => path),
    { timeoutMs: LOOK_MS, signal },
  )
  return readFiles(scratch, root, changed)
}

/** Paths that a tool or a watcher named: anything at all. */
export function isPlainPath(path: string): boolean {
  return path !== '' && !path.includes('\0') && path.split('/').every((part) => !/^(|\.|\.\.|\.git)$/i.test(part))
}

async function withoutIgnored(
  scratch: Scratch,
  root: string,
  paths: readonly string[],
  isTracked: (path: string) => boolean,
): Promise<string[]> {
  const tracked = paths.filter(isTracked)
  const others = paths.filter((path) => !isTracked(path) && !isOwnFile(path))
  if (others.length === 0) return tracked
  const input = Buffer.from(others.map((path) => `${path}\0`).join(''), 'latin1')
  // 128: a path went behind a symlink meanwhile.
  const asked = await scratch.git(['check-ignore', '-z', '--stdin', '--no-index'], {
    workTree: root,
    input,
    accept: [1, 128],
    timeoutMs: LOOK_MS,
  })
  const ignored = new Set(splitNul(asked.stdout, 'latin1'))
  return [...tracked, ...others.filter((path) => !ignored.has(path))]
}

/** The rules of the repository itself; a scratch that stays open has those of the day it was made. */
export async function refreshExcludes(place: Place, scratch: Scratch): Promise<void> {
  const own = join(scratch.dir, 'info/exclude')
  await copyFile(join(place.commonDir, 'info/exclude'), own).catch(() => rm(own, { force: true }))
}
