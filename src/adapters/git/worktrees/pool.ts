import { createHash, randomUUID } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../../../foundation/failure.ts'
import type { PoolRequest } from '../../../ports/git.ts'
import { runGit, splitNul } from '../git-command.ts'
import { onRepository, orchDirectory, type Place } from '../place.ts'
import { knownFiltersOnly } from '../protection/known-filters.ts'
import { withRepositoryLock } from '../repository-lock.ts'
import { exists, type Entry } from './entries.ts'

/*
 * Trees that are checked out before anybody needs them. Each is a folder of the pool with `tree` (the files), `index` (what they are) and `made`
 * (the settings under which they were written). It is no worktree: git has no entry of it, so nothing lists, prunes or locks it. A new worktree
 * claims one by renaming it into its own entry, brings it to its commit there, and puts it in the place of its empty folder; the index comes
 * last, so that a worktree without one has to be checked out, whatever a kill has left. Nothing ever comes back.
 */

/** Under a lock of its own, which who takes a tree does not need: taking is one rename. */
export async function tendPool(place: Place, { size, commit, minimumFiles, signal }: PoolRequest): Promise<number> {
  const isWorthwhile = size > 0 && (await countFiles(place, commit)) >= minimumFiles
  if (!isWorthwhile) return emptyPool(place)
  return withRepositoryLock(place, 'pool', async () => {
    await sweep(place)
    const { digest, isSparse } = await loadSettings(place)
    const wanted = isSparse ? 0 : size
    for (let count = await keepUsable(place, wanted, digest); count < wanted; count++) {
      signal?.throwIfAborted()
      await prepare(place, commit, digest, signal)
    }
    return wanted
  })
}

export async function emptyPool(place: Place): Promise<number> {
  if (!(await exists(poolFolder(place)))) return 0
  return withRepositoryLock(place, 'pool', async () => {
    await sweep(place)
    await keepUsable(place, 0)
    await rmdir(poolFolder(place)).catch(() => undefined)
    return 0
  })
}

/** Whether a prepared tree has become the files of this new worktree, at the commit that its entry says, with the index written. */
export async function takePrepared(place: Place, entry: Entry, path: string): Promise<boolean> {
  const own = join(entry.adminDir, CLAIMED)
  const ready = await listReady(place)
  if (ready.length === 0 || !(await canReplace(place, path))) return false
  const [{ digest }, filters] = await Promise.all([loadSettings(place), knownFiltersOnly(place, entry.adminDir)])
  if (!(await claim(place, ready, digest, own))) return false
  try {
    const on = { cwd: join(own, 'tree'), gitDir: entry.adminDir, workTree: join(own, 'tree') }
    const env = { ...filters, GIT_INDEX_FILE: join(own, 'index') }
    await runGit(['clean', '-ffdxq'], { ...on, env })
    await runGit([...CHECKOUT, 'reset', '--hard', '--quiet'], { ...on, env, timeoutMs: 600_000 })
    await replaceFolder(path, join(own, 'tree'))
    await rename(join(own, 'index'), join(entry.adminDir, 'index'))
    return true
  } catch (error) {
    if (error instanceof Failure && error.code === 'git-failed') return false
    throw error
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** What a try that was killed has claimed: it is not used again. */
export async function forgetClaimed(entry: Entry): Promise<void> {
  await rm(join(entry.adminDir, CLAIMED), { recursive: true, force: true })
}

/** In the worktree's entry, so that whatever becomes of the entry becomes of it. */
const CLAIMED = 'orch-tree'

/** A split index would leave its larger part elsewhere. */
const CHECKOUT = ['-c', 'core.splitIndex=false']

/** Names of trees that are not ready: their maker or remover works under the lock, or is dead. */
const PASSING = /^(making|gone)-/

async function sweep(place: Place): Promise<void> {
  const names = await readdir(poolFolder(place)).catch(() => [])
  for (const name of names.filter((each) => PASSING.test(each))) await rm(join(poolFolder(place), name), { recursive: true, force: true })
}

async function listReady(place: Place): Promise<string[]> {
  return (await readdir(poolFolder(place)).catch(() => [])).filter((name) => !PASSING.test(name))
}

async function keepUsable(place: Place, most: number, settings?: string): Promise<number> {
  let count = 0
  for (const name of await listReady(place))
    if (count < most && (await madeWith(join(poolFolder(place), name))) === settings) count++
    else await discard(place, name)
  return count
}

function madeWith(folder: string): Promise<string | undefined> {
  return readFile(join(folder, 'made'), 'utf8').catch(() => undefined)
}

/** Renamed first: who takes one takes it whole. */
async function discard(place: Place, name: string): Promise<void> {
  const gone = join(poolFolder(place), `gone-${name}`)
  if (await renamed(join(poolFolder(place), name), gone)) await rm(gone, { recursive: true, force: true })
}

async function prepare(place: Place, commit: string, settings: string, signal: AbortSignal | undefined): Promise<void> {
  const name = randomUUID()
  const folder = join(poolFolder(place), `making-${name}`)
  const [tree, index] = [join(folder, 'tree'), join(folder, 'index')]
  try {
    await mkdir(poolFolder(place), { recursive: true, mode: 0o700 })
    await mkdir(tree, { recursive: true })
    await runGit([...CHECKOUT, 'read-tree', '--reset', '-u', commit], {
      cwd: tree,
      gitDir: place.commonDir,
      workTree: tree,
      env: { ...(await knownFiltersOnly(place, place.commonDir)), GIT_INDEX_FILE: index },
      timeoutMs: 600_000,
      ...(signal !== undefined && { signal }),
    })
    // git reads again every file that is as young as the index, to the second. Nobody works here, so none of them can have changed since.
    const later = Date.now() / 1000 + 1
    await utimes(index, later, later)
    await writeFile(join(folder, 'made'), settings)
    await rename(folder, join(poolFolder(place), name))
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** A folder with nothing but git's own file, on the file system of the pool. */
async function canReplace(place: Place, path: string): Promise<boolean> {
  const [names, there, pool] = await Promise.all([readdir(path), stat(path), stat(poolFolder(place))])
  return names.length === 1 && names[0] === '.git' && there.dev === pool.dev
}

async function claim(place: Place, ready: readonly string[], settings: string, own: string): Promise<boolean> {
  for (const name of ready) {
    const folder = join(poolFolder(place), name)
    if ((await madeWith(folder)) === settings && (await renamed(folder, own))) return true
  }
  return false
}

async function replaceFolder(path: string, tree: string): Promise<void> {
  const door = join(path, '.git')
  await copyFile(door, join(tree, '.git'))
  await rm(door)
  try {
    await rename(tree, path)
  } catch (error) {
    await copyFile(join(tree, '.git'), door)
    // On another file system after all (a bind mount), or no longer empty.
    if (!['EXDEV', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    throw new Failure('git-failed', `no prepared tree can become ${path}`, { cause: error })
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** What decides how files are written: a tree that was made under other settings or filters is not the one that a checkout would make. */
async function loadSettings(place: Place): Promise<{ digest: string; isSparse: boolean }> {
  const listed = await onRepository(place, ['config', '--includes', '-z', '--get-regexp', '^(core|filter|extensions|lfs)\\.'], {
    accept: [1],
  })
  const entries = splitNul(listed.stdout, 'latin1').map((entry) => entry.split('\n', 2))
  const valueOf = (name: string): string | undefined => entries.findLast(([key]) => key === name)?.[1]
  const own = valueOf('core.attributesfile')?.replace(/^~(?=\/)/, homedir())
  const files = [
    join(place.commonDir, 'info/attributes'),
    join(orchDirectory(place), 'filters.json'),
    own ?? join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'git/attributes'),
  ]
  const contents = await Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0))))
  const hash = createHash('sha256').update(listed.stdout)
  for (const content of contents) hash.update(`\0${content.length}\0`).update(content)
  return { digest: hash.digest('hex'), isSparse: (valueOf('core.sparsecheckout') ?? 'false') !== 'false' }
}

async function countFiles(place: Place, commit: string): Promise<number> {
  const listed = await onRepository(place, ['ls-tree', '-r', '-z', '--name-only', commit])
  return listed.stdout.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0)
}

function poolFolder(place: Place): string {
  return join(orchDirectory(place), 'pool')
}
