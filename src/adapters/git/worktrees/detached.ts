import { copyFile, lstat, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../../../foundation/brand.ts'
import { runGit, splitNul } from '../git-command.ts'
import { onRepository, type Place } from '../place.ts'
import { knownFiltersOnly } from '../protection/known-filters.ts'
import { pathPurpose, withRepositoryLock } from '../repository-lock.ts'
import { withScratch } from '../scratch.ts'
import { addEntry, pathTaken, requirePath } from './add-entry.ts'
import { entryAt, entryNamedAt, forgetEntry, type Entry } from './entries.ts'
import { patternOf } from './exclude.ts'
import { hasAbandoned, sweepHalfMade } from './half-made.ts'
import { headOf, requireEntry } from './inspect.ts'

/**
 * Everything that is not of the last commit goes first, then the files of the new one are written: so nothing that lies there, a link above all,
 * is ever written through. What has to be written is told by an index of orch's own, which no command that ran in the worktree has touched.
 */
export async function ensureDetachedWorktree(place: Place, wanted: string, commit: Sha, keep: readonly string[] = []): Promise<void> {
  const path = await requirePath(wanted)
  await withRepositoryLock(place, pathPurpose(path), async () => {
    const entry = await withRepositoryLock(place, 'worktrees', async () => {
      if (await hasAbandoned(place)) await sweepHalfMade(place)
      return (await entryNamedAt(place, path)) ?? addEntry(place, path, [path, commit])
    })
    await detach(entry, path, commit)
    const kept = await keepable(place, path, commit, keep)
    await clean(entry, path, kept)
    await checkOut(place, entry, path, commit)
    const ignored = await stillIgnored(entry, path, kept)
    if (ignored.length < kept.length) await clean(entry, path, ignored)
  })
}

/** The files first: a repeat finds the entry as long as something may be left. */
export async function removeDetachedWorktree(place: Place, wanted: string): Promise<void> {
  const path = await requirePath(wanted)
  await withRepositoryLock(place, pathPurpose(path), () =>
    withRepositoryLock(place, 'worktrees', async () => {
      const entry = await entryAt(place, path)
      if (entry === undefined) return
      if (entry.isMain || (entry.head !== undefined && 'branch' in entry.head)) throw pathTaken(path, 'it is the worktree of a branch')
      await rm(path, { recursive: true, force: true })
      await forgetEntry(entry)
    }),
  )
}

/** A folder that is ignored as a whole is one path, without a slash at its end. Names that are not UTF-8 are left out. */
export async function ignoredPaths(place: Place, path: string): Promise<readonly string[]> {
  const entry = await requireEntry(place, path)
  const workTree = entry.path ?? place.root
  return withScratch(place, { head: await headOf(place, entry), index: join(entry.adminDir, 'index') }, async (scratch) => {
    const listed = await scratch.git(['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'], { workTree })
    return splitNul(listed.stdout)
      .filter((name) => !name.includes('\uFFFD'))
      .map((name) => name.replace(/\/$/, ''))
  })
}

/** Only orch writes it, and as the last of a checkout: a file that differs from what it says is written again. */
const OWN_INDEX = 'orch-index'

/** What ran there may have switched to a branch: that must not be moved. */
async function detach(entry: Entry, path: string, commit: Sha): Promise<void> {
  const isOnBranch = entry.head !== undefined && 'branch' in entry.head
  if (isOnBranch && (await stat(join(entry.adminDir, OWN_INDEX)).catch(() => undefined)) === undefined)
    throw pathTaken(path, 'it is the worktree of a branch')
  for (const name of ['HEAD', 'index', OWN_INDEX]) await rm(join(entry.adminDir, `${name}.lock`), { force: true })
  if (isOnBranch) await replaceWhole(join(entry.adminDir, 'HEAD'), (draft) => writeFile(draft, `${commit}\n`))
}

/** Those that are there without a link on the way, and that the commit has nothing of. */
async function keepable(place: Place, root: string, commit: Sha, keep: readonly string[]): Promise<string[]> {
  const present: string[] = []
  for (const path of new Set(keep)) if (isPlain(path) && (await isReal(root, path))) present.push(path)
  if (present.length === 0) return []
  const listed = await onRepository(place, ['--literal-pathspecs', 'ls-tree', '-z', '--name-only', commit, '--', ...present])
  const tracked = new Set(splitNul(listed.stdout))
  return present.filter((path) => !tracked.has(path))
}

function isPlain(path: string): boolean {
  return path !== '' && !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part) && !/^\.git$/i.test(part))
}

async function isReal(root: string, path: string): Promise<boolean> {
  const parts = path.split('/')
  for (let depth = 1; depth <= parts.length; depth++) {
    const found = await lstat(join(root, ...parts.slice(0, depth))).catch(() => undefined)
    if (!found?.isDirectory() && !(depth === parts.length && found?.isFile())) return false
  }
  return true
}

async function clean(entry: Entry, path: string, kept: readonly string[]): Promise<void> {
  await runGit(['clean', '-ffdxq', ...kept.map((name) => `--exclude=${patternOf(name)}`)], { ...onOwnIndex(entry, path) })
}

async function checkOut(place: Place, entry: Entry, path: string, commit: Sha): Promise<void> {
  const on = onOwnIndex(entry, path)
  const env = { ...(await knownFiltersOnly(place, entry.adminDir)), ...on.env }
  // What a command there may have set so that a changed file is taken for an unchanged one.
  const strict = ['core.trustctime=true', 'core.checkStat=default', 'core.sparseCheckout=false', 'core.ignoreStat=false']
  const settings = strict.flatMap((setting) => ['-c', setting])
  await runGit([...settings, 'reset', '--hard', '--quiet', commit, '--'], { ...on, env, timeoutMs: 600_000 })
  // With its time: by that, git knows which of the files may have been changed right after it was written.
  const own = join(entry.adminDir, OWN_INDEX)
  const { atime, mtime } = await stat(own)
  await replaceWhole(join(entry.adminDir, 'index'), async (draft) => {
    await copyFile(own, draft)
    await utimes(draft, atime, mtime)
  })
}

/** As the new commit has it: what it does not ignore would be a change in it. */
async function stillIgnored(entry: Entry, path: string, kept: readonly string[]): Promise<string[]> {
  if (kept.length === 0) return []
  const input = kept.map((name) => `${name}\0`).join('')
  const checked = await runGit(['check-ignore', '-z', '--stdin'], { ...onOwnIndex(entry, path), input, accept: [1] })
  return splitNul(checked.stdout)
}

function onOwnIndex(entry: Entry, path: string) {
  return { cwd: path, gitDir: entry.adminDir, workTree: path, env: { GIT_INDEX_FILE: join(entry.adminDir, OWN_INDEX) } }
}

async function replaceWhole(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.orch`
  await rm(draft, { force: true })
  await write(draft)
  await rename(draft, path)
}
