import { copyFile, link, lstat, mkdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sha } from '../../../foundation/brand.ts'
import { runGit, type GitResult } from '../git-command.ts'
import { knownFiltersOnly } from '../protection/known-filters.ts'
import type { Place } from '../place.ts'
import { moveRef, resolveRef } from '../refs.ts'
import { treeChanges, type TreeChange } from '../tree.ts'
import { operationIn, type Entry } from '../worktrees/entries.ts'
import { withStatus } from '../worktrees/inspect.ts'
import { applyFiles, blockedPaths, hasContent } from './checkout-files.ts'

/*
 * Moves a clean checkout with its branch, in an order that a repeat completes after a kill at any point:
 *   1 take git's own index lock, as a second name of a file of ours, so that a dead landing's lock is known from a user's;
 *   2 write the new content beside (with the user's filters and line ends), and the new index beside;
 *   3 rename each file into place: every path is old or new, never half;  4 rename the index into place;  5 move the ref.
 * The check before step 3 takes a path that already is new for done. Untracked files are never replaced.
 * Other ways were weighed: `merge --ff-only` leaves torn files and an anonymous index.lock behind a kill; moving the ref first makes
 * the user's next `commit -a` undo the landing.
 */
export interface CheckoutMove {
  readonly ref: string
  readonly from: Sha
  readonly to: Sha
  readonly allowDirty: readonly string[]
}

export type CheckoutOutcome =
  | { readonly kind: 'moved' }
  | { readonly kind: 'dirty'; readonly dirty: readonly string[] }
  | { readonly kind: 'target-moved'; readonly found: Sha }

export async function moveCheckout(place: Place, entry: Entry, move: CheckoutMove): Promise<CheckoutOutcome> {
  await recoverCheckout(entry)
  const operation = await operationIn(entry.adminDir)
  if (operation !== undefined) return { kind: 'dirty', dirty: [`(a ${operation} is going on)`] }
  if (!(await lockIndex(entry))) return { kind: 'dirty', dirty: ['(another git command holds the index)'] }
  try {
    const found = await resolveRef(place, move.ref)
    if (found !== move.from) return { kind: 'target-moved', found: found ?? move.from }
    const dirty = await shift(place, entry, move.from, move.to, move.allowDirty)
    if (dirty.length > 0) return { kind: 'dirty', dirty }
    const moved = await moveRef(place, move.ref, move.to, move.from, 'land', entry.adminDir)
    if (moved === 'moved' || moved.found === move.to) return { kind: 'moved' }
    // Somebody moved a checked-out branch past its index lock: leave them their files.
    await shift(place, entry, move.to, move.from, move.allowDirty)
    return { kind: 'target-moved', found: moved.found ?? move.from }
  } finally {
    await recoverCheckout(entry)
  }
}

/** Takes away what a landing that has ended leaves beside the index, and the index lock if, and only if, it is that landing's. */
export async function recoverCheckout(entry: Entry): Promise<void> {
  const { folder, lock, indexLock } = pathsOf(entry)
  const [ours, held] = await Promise.all([lstat(lock).catch(() => undefined), lstat(indexLock).catch(() => undefined)])
  if (ours !== undefined && held !== undefined && ours.ino === held.ino && ours.dev === held.dev) await unlink(indexLock)
  await rm(folder, { recursive: true, force: true })
}

function pathsOf(entry: Entry): { folder: string; lock: string; files: string; index: string; indexLock: string } {
  const folder = join(entry.adminDir, 'orch-landing')
  return {
    folder,
    lock: join(folder, 'lock'),
    files: join(folder, 'files'),
    index: join(folder, 'index'),
    indexLock: join(entry.adminDir, 'index.lock'),
  }
}

async function lockIndex(entry: Entry): Promise<boolean> {
  const { files, lock, indexLock } = pathsOf(entry)
  await mkdir(files, { recursive: true, mode: 0o700 })
  await writeFile(lock, 'orch is landing\n', { flag: 'wx' })
  for (let left = 10; ; left--) {
    try {
      await link(lock, indexLock)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (left > 0) await wait(50)
      else {
        await rm(pathsOf(entry).folder, { recursive: true, force: true })
        return false
      }
    }
  }
}

/** Files and index from one commit to another; the answer is what stands in the way, and then nothing was touched. */
async function shift(place: Place, entry: Entry, from: Sha, to: Sha, allowDirty: readonly string[]): Promise<readonly string[]> {
  const root = entry.path ?? place.root
  const { files, index } = pathsOf(entry)
  const [all, { dirty, sparse }, filters] = await Promise.all([
    treeChanges(place, from, to),
    standingOf(place, entry, from),
    knownFiltersOnly(place, entry.adminDir),
  ])
  const changes = all.filter((change) => !sparse.has(change.path) && change.to?.mode !== '160000' && change.from?.mode !== '160000')
  await stageFiles(entry, root, to, changes, filters)
  const touched = new Set(changes.map((change) => change.path))
  const blocked: string[] = []
  for (const path of dirty) {
    const isFine = touched.has(path)
      ? await hasContent(
          root,
          files,
          changes.find((change) => change.path === path),
        )
      : allowDirty.includes(path) && !all.some((change) => change.path === path)
    if (!isFine) blocked.push(path)
  }
  blocked.push(
    ...(await blockedPaths(
      root,
      files,
      changes.filter((change) => !dirty.has(change.path)),
    )),
  )
  if (blocked.length > 0) return [...new Set(blocked)].sort()
  if (
    !(await stageIndex(
      entry,
      root,
      from,
      to,
      all.filter((change) => sparse.has(change.path) && change.to !== undefined),
    ))
  )
    return ['(the index holds staged changes)']
  await applyFiles(root, files, changes)
  // 1 says that some path differs: an allowed one.
  await onCheckout(entry, root, ['update-index', '-q', '--refresh'], { ...filters, GIT_INDEX_FILE: index }, [1])
  await rename(index, join(entry.adminDir, 'index'))
  return []
}

/** The paths that differ from HEAD, and those that are absent by intent: outside a sparse checkout's cone. */
function standingOf(place: Place, entry: Entry, head: Sha): Promise<{ dirty: Set<string>; sparse: Set<string> }> {
  const decode = (path: string): string => Buffer.from(path, 'latin1').toString('utf8')
  return withStatus(place, entry, head, async (_scratch, changes, absent) => ({
    dirty: new Set(changes.filter((change) => change.kind === 'tracked').map((change) => decode(change.path))),
    sparse: new Set([...absent].map(decode)),
  }))
}

async function stageFiles(
  entry: Entry,
  root: string,
  to: Sha,
  changes: readonly TreeChange[],
  filters: Readonly<Record<string, string>>,
): Promise<void> {
  const { folder, files } = pathsOf(entry)
  await rm(files, { recursive: true, force: true })
  await mkdir(files, { mode: 0o700 })
  const paths = changes.filter((change) => change.to !== undefined).map((change) => `${change.path}\0`)
  if (paths.length === 0) return
  const env = { ...filters, GIT_INDEX_FILE: join(folder, 'stage-index') }
  await onCheckout(entry, root, ['read-tree', '--end-of-options', to], env)
  await onCheckout(entry, root, ['checkout-index', '-q', `--prefix=${files}/`, '-z', '--stdin'], env, [], paths.join(''))
}

/** A two-way merge of the index alone keeps what the user has staged elsewhere, and refuses where it would lose something. */
async function stageIndex(entry: Entry, root: string, from: Sha, to: Sha, sparse: readonly TreeChange[]): Promise<boolean> {
  const { index } = pathsOf(entry)
  // On a copy: the real one is locked, by us. The index alone (-i): the files were checked, and some may be new already.
  await copyFile(join(entry.adminDir, 'index'), index)
  const merged = await onCheckout(entry, root, ['read-tree', '-i', '-m', '--end-of-options', from, to], { GIT_INDEX_FILE: index }, [1, 128])
  if (merged.exitCode !== 0) return false
  const hidden = sparse.map((change) => `${change.path}\0`).join('')
  if (hidden !== '')
    await onCheckout(entry, root, ['update-index', '--skip-worktree', '-z', '--stdin'], { GIT_INDEX_FILE: index }, [], hidden)
  return true
}

function onCheckout(
  entry: Entry,
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  accept: readonly number[] = [],
  input = '',
): Promise<GitResult> {
  return runGit(args, { cwd: root, gitDir: entry.adminDir, workTree: root, env, accept, input })
}
