import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { EnsuredWorktree, WorktreeRequest } from '../../../ports/git.ts'
import { branchRef } from '../branch-name.ts'
import { runGit, splitNul } from '../git-command.ts'
import { knownFiltersOnly } from '../protection/known-filters.ts'
import { onRepository, type Place } from '../place.ts'
import { commitFacts, isAncestor } from '../history.ts'
import { moveRef, requireRef } from '../refs.ts'
import { pathPurpose, withRepositoryLock } from '../repository-lock.ts'
import { copyFiles, listUntracked, writeFiles } from './copy-files.ts'
import { addEntry, branchTaken, pathTaken, requirePath } from './add-entry.ts'
import { entryNamedAt, exists, type Entry } from './entries.ts'
import { BRAIN, ensureExcluded, notExcluded } from './exclude.ts'
import { forgetClaimed, takePrepared } from './pool.ts'
import { hasAbandoned, sweepHalfMade } from './half-made.ts'

/**
 * Every step leaves a trace that a repeat reads: the branch, the entry, the index (git writes it last, after all files), the record `orch-ready`.
 * Only the entry is made under the repository's lock; the checkout of the files, the long part, runs beside others.
 */
export async function ensureWorktree(place: Place, request: WorktreeRequest): Promise<EnsuredWorktree> {
  const path = await requirePath(request.path)
  const ref = branchRef(request.branch)
  return withRepositoryLock(place, pathPurpose(path), async () => {
    const entry = await withRepositoryLock(place, 'worktrees', () => ensureEntry(place, path, ref, request))
    const ready = await loadReady(entry)
    const [lastCommit, made] = await Promise.all([
      requireRef(place, ref).then((head) => commitFacts(place, head)),
      ready ?? furnish(place, entry, path, request),
    ])
    if (ready === undefined) await saveReady(entry, made)
    return { path, head: lastCommit.sha, lastCommit, ...made }
  })
}

/** Written when a worktree is complete: by this, orch knows its own worktrees from the user's. */
export const READY_FILE = 'orch-ready'

const readySchema = v.object({
  copied: v.array(v.string()),
  skipped: v.array(v.object({ path: v.string(), reason: v.string() })),
  notes: v.array(v.string()),
})
type Ready = v.InferOutput<typeof readySchema>

/** Under the lock. Looks at this path and branch alone; all entries are read only when git refuses, to say why or to mend it. */
async function ensureEntry(place: Place, path: string, ref: string, request: WorktreeRequest): Promise<Entry> {
  if (await hasAbandoned(place)) await sweepHalfMade(place)
  const found = await entryNamedAt(place, path)
  if (found !== undefined) {
    const isOurs = found.head !== undefined && 'branch' in found.head && `refs/heads/${found.head.branch}` === ref
    if (isOurs || (await exists(join(found.adminDir, READY_FILE)))) return found
    throw pathTaken(path, 'it is the worktree of something else')
  }
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : undefined))
  if (names === undefined || names.length > 0) throw pathTaken(path, names === undefined ? 'it is not a folder' : 'it is not empty')
  await ensureBranch(place, ref, request)
  return addEntry(place, path, [path, request.branch])
}

/** An existing branch is ours to use when it holds the base: an earlier try made it, or it goes on from there. */
async function ensureBranch(place: Place, ref: string, request: WorktreeRequest): Promise<void> {
  const moved = await moveRef(place, ref, request.base, undefined, `start ${request.branch}`).catch(async (error: unknown) => {
    await refuseNestedName(place, ref, request.branch)
    throw error
  })
  if (moved === 'moved' || moved.found === undefined) return
  if (!(await isAncestor(place, request.base, moved.found))) throw branchTaken(request.branch, 'it exists and does not hold the base')
}

/** `feature` and `feature/x` cannot both be branches. */
async function refuseNestedName(place: Place, ref: string, branch: string): Promise<void> {
  const parents = ref
    .split('/')
    .map((_part, at, parts) => parts.slice(0, at + 1).join('/'))
    .slice(2, -1)
  const listed = await onRepository(place, ['for-each-ref', '--format=%(refname)', ...parents, `${ref}/`])
  const clash = listed.stdout
    .toString('utf8')
    .split('\n')
    .find((name) => parents.includes(name) || name.startsWith(`${ref}/`))
  if (clash !== undefined) throw branchTaken(branch, `${clash} exists, and git cannot have both`)
}

async function furnish(place: Place, entry: Entry, path: string, request: WorktreeRequest): Promise<Ready> {
  const on = { cwd: path, gitDir: entry.adminDir, workTree: path }
  // We hold the path's lock and nobody has been let in: a lock here is a dead git's.
  for (const lock of ['index.lock', 'HEAD.lock']) await rm(join(entry.adminDir, lock), { force: true })
  await forgetClaimed(entry)
  const isCheckedOut = await exists(join(entry.adminDir, 'index'))
  const [, listed, untracked] = await Promise.all([
    isCheckedOut || checkOut(place, entry, path),
    runGit(['ls-tree', '-r', '-z', '--name-only', '--full-tree', 'HEAD'], on),
    listUntracked(place, request.copy),
  ])
  const tracked = new Set(splitNul(listed.stdout))
  const { copied, skipped } = await copyFiles(place, path, untracked, tracked)
  const written = await writeFiles(path, request.files, tracked, (file, text) => writeFile(file, text, { flag: 'wx', mode: 0o644 }))
  const brain = [...tracked].some((name) => name.startsWith(BRAIN)) ? [] : [BRAIN]
  const unknown = await notExcluded(place, [...copied, ...written, ...brain])
  if (unknown.length > 0) await ensureExcluded(place, await notIgnored(on, unknown))
  const notes = tracked.has('.gitmodules')
    ? ['The repository has submodules; they are empty in a new worktree until `git submodule update --init` runs there.']
    : []
  return { copied: [...copied], skipped: [...skipped], notes }
}

async function checkOut(place: Place, entry: Entry, path: string): Promise<void> {
  if (await takePrepared(place, entry, path)) return
  const on = { cwd: path, gitDir: entry.adminDir, workTree: path, env: await knownFiltersOnly(place, entry.adminDir) }
  await runGit(['reset', '--hard', '--quiet'], { ...on, timeoutMs: 600_000 })
}

async function notIgnored(on: { cwd: string; gitDir: string; workTree: string }, paths: readonly string[]): Promise<string[]> {
  const checked = await runGit(['check-ignore', '-z', '--stdin', '--no-index'], {
    ...on,
    input: paths.map((path) => `${path}\0`).join(''),
    accept: [1],
  })
  const ignored = new Set(splitNul(checked.stdout))
  return paths.filter((path) => !ignored.has(path))
}

async function loadReady(entry: Entry): Promise<Ready | undefined> {
  const text = await readFile(join(entry.adminDir, READY_FILE), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return v.parse(readySchema, JSON.parse(text))
  } catch {
    return { copied: [], skipped: [], notes: ['What was copied is not known any more.'] }
  }
}

async function saveReady(entry: Entry, ready: Ready): Promise<void> {
  const path = join(entry.adminDir, READY_FILE)
  await writeFile(`${path}.new`, JSON.stringify(ready), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
