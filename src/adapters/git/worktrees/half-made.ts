import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as v from 'valibot'
import { orchDirectory, type Place } from '../place.ts'
import { exists, forgetEntry, readEntries, type Entry } from './entries.ts'

/*
 * `git worktree add` that is killed leaves an entry with an empty or missing `gitdir`, `commondir` or HEAD, and every later add (and on some
 * versions `fetch`) dies on it. Before an add, orch writes down which path it is making. Under the lock, a record that is still there belongs
 * to a process that died, so what it half made is taken away. Entries that somebody else half made are left for a minute: theirs may be running.
 */

/** Runs `add` so that a crash in it is found and swept by the next call, in whatever process. */
export async function recordMaking<T>(place: Place, path: string, add: () => Promise<T>): Promise<T> {
  const record = join(recordFolder(place), `${randomUUID()}.json`)
  own.add(record)
  await mkdir(recordFolder(place), { recursive: true, mode: 0o700 })
  await writeFile(record, JSON.stringify({ path }), { flag: 'wx' })
  try {
    return await add()
  } finally {
    await rm(record, { force: true })
    own.delete(record)
  }
}

/** Of calls that run in this process: not abandoned. */
const own = new Set<string>()

/** Only under the worktree lock: then a record is a dead process's. */
export async function hasAbandoned(place: Place): Promise<boolean> {
  return (await readdir(recordFolder(place)).catch(() => [])).length > 0
}

/** Only under the worktree lock. */
export async function sweepHalfMade(place: Place): Promise<void> {
  const abandoned = await loadRecords(place)
  await outliveChild(abandoned)
  const makers = new Set(abandoned.map((record) => record.path))
  for (const entry of await readEntries(place)) {
    if (entry.isMain) continue
    if (entry.isHalfMade && (await isAbandoned(entry, abandoned))) await forgetEntry(entry)
    else if (entry.path !== undefined && makers.has(entry.path)) await unlockInitializing(entry)
  }
  const kept = new Set((await readEntries(place)).map((entry) => entry.path))
  for (const record of abandoned) {
    if (record.path !== undefined && !kept.has(record.path)) await removeShell(record.path)
    await rm(record.file, { force: true })
  }
}

/** A daemon that is killed does not take its git child with it: the child's add, some 20 ms, must be over before it is judged half made. */
async function outliveChild(records: readonly MakingRecord[]): Promise<void> {
  const youngest = Math.max(0, ...records.map((record) => record.at))
  const left = youngest + CHILD_ADD_MS - Date.now()
  if (left > 0) await wait(Math.min(left, CHILD_ADD_MS))
}

const CHILD_ADD_MS = 1500

interface MakingRecord {
  readonly file: string
  readonly at: number
  /** Undefined when the crash came before the path was written. */
  readonly path?: string
}

const recordSchema = v.object({ path: v.string() })
const FOREIGN_ADD_MS = 60_000

async function loadRecords(place: Place): Promise<MakingRecord[]> {
  const names = await readdir(recordFolder(place)).catch(() => [])
  return Promise.all(
    names
      .map((name) => join(recordFolder(place), name))
      .filter((file) => !own.has(file))
      .map(loadRecord),
  )
}

async function loadRecord(file: string): Promise<MakingRecord> {
  const at = await stat(file).then(
    (stats) => stats.mtimeMs,
    () => Date.now(),
  )
  try {
    return { file, at, path: v.parse(recordSchema, JSON.parse(await readFile(file, 'utf8'))).path }
  } catch {
    return { file, at }
  }
}

async function isAbandoned(entry: Entry, records: readonly MakingRecord[]): Promise<boolean> {
  const age = await stat(entry.adminDir).then(
    (stats) => stats.mtimeMs,
    () => 0,
  )
  if (entry.path !== undefined && records.some((record) => record.path === entry.path)) return true
  if (entry.path === undefined && records.some((record) => record.at <= age + CLOCK_GRAIN_MS)) return true
  return Date.now() - age > FOREIGN_ADD_MS
}

const CLOCK_GRAIN_MS = 50

/** git holds its own lock on an entry while it makes it; only that one, never a user's. */
async function unlockInitializing(entry: Entry): Promise<void> {
  const lock = join(entry.adminDir, 'locked')
  if ((await readFile(lock, 'utf8').catch(() => '')).trim() === 'initializing') await rm(lock, { force: true })
}

/** The folder that a dead add made: empty, or with nothing but a `.git` file. Anything else in it stays. */
async function removeShell(path: string): Promise<void> {
  const names = await readdir(path).catch(() => undefined)
  if (names === undefined || names.some((name) => name !== '.git')) return
  if (names.length === 1 && !(await stat(join(path, '.git'))).isFile()) return
  if (await exists(join(path, '.git'))) await unlink(join(path, '.git'))
  await rmdir(path)
}

function recordFolder(place: Place): string {
  return join(orchDirectory(place), 'making')
}
