import { lstat, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseSha, type Sha } from '../../../foundation/brand.ts'
import type { WorktreeFacts, WorktreeState } from '../../../ports/git.ts'
import type { Place } from '../place.ts'
import { resolveRef } from '../refs.ts'

/**
 * One worktree as the repository knows it: its folder under `worktrees/`. Read from the common directory and never from the worktree's own
 * `.git` file, which an agent can point anywhere, and without git, which dies on another add's half-written entry.
 */
export interface Entry {
  readonly adminDir: string
  /** Undefined while the entry is half made. */
  readonly path?: string
  readonly head?: { readonly branch: string } | { readonly commit: Sha }
  readonly isMain: boolean
  readonly isHalfMade: boolean
}

export async function readEntries(place: Place): Promise<Entry[]> {
  const main: Entry = {
    adminDir: place.commonDir,
    path: place.root,
    ...optionalHead(await readHead(place.commonDir)),
    isMain: true,
    isHalfMade: false,
  }
  const folder = join(place.commonDir, 'worktrees')
  const names = await readdir(folder).catch(() => [])
  return [main, ...(await Promise.all(names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => readEntry(join(folder, name)))))]
}

export async function entryAt(place: Place, path: string): Promise<Entry | undefined> {
  const wanted = await realPathOf(path)
  const named = await entryNamedAt(place, wanted)
  if (named !== undefined) return named
  return (await readEntries(place)).find((entry) => entry.path === wanted && !entry.isHalfMade)
}

/** At once, where reading all entries is slow for hundreds: the folder's `.git` file names an entry, and that entry must name the folder. */
export async function entryNamedAt(place: Place, path: string): Promise<Entry | undefined> {
  const name = /^gitdir: .*\/worktrees\/([^/]+)$/.exec(await readLine(join(path, '.git')))?.[1]
  if (name === undefined || name === '.' || name === '..') return undefined
  const entry = await readEntry(join(place.commonDir, 'worktrees', name))
  return entry.path === path && !entry.isHalfMade ? entry : undefined
}

export async function listWorktrees(place: Place): Promise<WorktreeFacts[]> {
  const entries = (await readEntries(place)).filter((entry) => !entry.isHalfMade)
  return Promise.all(entries.map((entry) => toFacts(place, entry)))
}

/** What git says is going on there, by the files it leaves in the worktree's git directory. */
export async function operationIn(adminDir: string): Promise<WorktreeState['operation'] | undefined> {
  for (const [file, operation] of OPERATIONS) if (await exists(join(adminDir, file))) return operation
  return undefined
}

/** The path with its longest existing part resolved: also for a worktree that has gone. */
export async function realPathOf(path: string): Promise<string> {
  const absolute = resolve(path)
  try {
    return await realpath(absolute)
  } catch {
    const parent = dirname(absolute)
    return parent === absolute ? absolute : join(await realPathOf(parent), basename(absolute))
  }
}

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** What `git worktree remove` does last. */
export async function forgetEntry(entry: Entry): Promise<void> {
  if (!entry.isMain) await rm(entry.adminDir, { recursive: true, force: true })
}

const OPERATIONS = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
] as const

async function readEntry(adminDir: string): Promise<Entry> {
  const [gitdir, commondir, head] = await Promise.all([
    readLine(join(adminDir, 'gitdir')),
    readLine(join(adminDir, 'commondir')),
    readHead(adminDir),
  ])
  const path = gitdir === '' ? undefined : dirname(resolve(adminDir, gitdir))
  const isHalfMade = path === undefined || commondir === '' || head === undefined
  return { adminDir, ...(path === undefined ? {} : { path }), ...optionalHead(head), isMain: false, isHalfMade }
}

/** The branch or commit that a git directory has checked out; undefined while it is half made. */
export async function readHead(adminDir: string): Promise<Entry['head']> {
  const text = await readLine(join(adminDir, 'HEAD'))
  if (text.startsWith('ref: refs/heads/')) return { branch: text.slice('ref: refs/heads/'.length) }
  const commit = parseSha(text)
  // git writes an all-zero HEAD first, before it knows the branch.
  return commit === undefined || /^0+$/.test(commit) ? undefined : { commit }
}

function optionalHead(head: Entry['head']): { head?: NonNullable<Entry['head']> } {
  return head === undefined ? {} : { head }
}

/** Empty unless it is a plain file: what an agent may have put there could be endless. */
async function readLine(path: string): Promise<string> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isFile() !== true || stats.size > 65_536) return ''
  return (await readFile(path, 'utf8').catch(() => '')).replace(/\r?\n$/, '')
}

async function toFacts(place: Place, entry: Entry): Promise<WorktreeFacts> {
  const branch = entry.head !== undefined && 'branch' in entry.head ? entry.head.branch : undefined
  const head = entry.head !== undefined && 'commit' in entry.head ? entry.head.commit : await resolveRef(place, `refs/heads/${branch}`)
  const path = entry.path ?? place.root
  return {
    path,
    ...(head === undefined ? {} : { head }),
    ...(branch === undefined || (entry.isMain && place.isBare) ? {} : { branch }),
    isMain: entry.isMain,
    isPrunable: !entry.isMain && !(await exists(join(path, '.git'))),
  }
}
