import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { Failure } from '../../../foundation/failure.ts'
import { replaceFile } from '../../../platform/files.ts'
import type { UnknownFilter } from '../../../ports/git.ts'
import { runGit } from '../git-command.ts'
import { orchDirectory, type Place } from '../place.ts'
import { withRepositoryLock } from '../repository-lock.ts'

/*
 * Checking out files runs the user's filters (LFS and the like), and must. But a filter is a program named in configuration, and every session
 * can write the repository's. So those of the repository that are there before the first session are kept on record; one that appears or
 * changes later is not run by the host until a person accepts it. What the user's own or the system's configuration names is always theirs.
 */

/** Called before sessions start; does nothing when there is a record. */
export async function recordFilters(place: Place): Promise<void> {
  if ((await loadRecord(place)) !== undefined) return
  const found = await ownFilters(place, place.commonDir)
  await mkdir(orchDirectory(place), { recursive: true })
  await keepFirst(recordPath(place), JSON.stringify(found))
}

/** Several tasks begin at once, and what the first of them found counts: a session may have run since. */
async function keepFirst(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}

export async function unknownFilters(place: Place): Promise<UnknownFilter[]> {
  return Object.entries(await unknownDrivers(place, place.commonDir)).map(([name, settings]) => {
    const digest = createHash('sha256')
      .update(JSON.stringify([name, settings]))
      .digest('hex')
    return { id: digest.slice(0, 16), name, settings }
  })
}

export async function acceptFilter(place: Place, id: string, { isDryRun = false } = {}): Promise<UnknownFilter> {
  return withRepositoryLock(place, 'guard', async () => {
    const filter = (await unknownFilters(place)).find((each) => each.id === id)
    if (filter === undefined)
      throw new Failure('unknown-filter', `no git filter waits to be accepted under "${id}"`, {
        safe: 'no filter was accepted',
        next: 'orch doctor shows what waits',
      })
    if (!isDryRun) await replaceFile(recordPath(place), JSON.stringify({ ...(await loadRecord(place)), [filter.name]: filter.settings }))
    return filter
  })
}

/** Stays while there is a filter that it does not name: else the next record would take a planted one for known. */
export async function forgetFilters(place: Place): Promise<void> {
  if ((await unknownFilters(place)).length === 0) await rm(recordPath(place), { force: true })
}

/** For commands that check out files: the environment in which unknown filters name no program. */
export async function knownFiltersOnly(place: Place, gitDir: string): Promise<Record<string, string>> {
  const entries = Object.keys(await unknownDrivers(place, gitDir)).flatMap((driver) => [
    ...['clean', 'smudge', 'process'].map((what) => [`filter.${driver}.${what}`, ''] as const),
    [`filter.${driver}.required`, 'false'] as const,
  ])
  if (entries.length === 0) return {}
  // Not `-c`: a driver's name may hold an equals sign.
  const numbered = entries.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key] as const,
    [`GIT_CONFIG_VALUE_${at}`, value] as const,
  ])
  return { GIT_CONFIG_COUNT: String(entries.length), ...Object.fromEntries(numbered) }
}

const filters = v.record(v.string(), v.array(v.string()))
type Filters = v.InferOutput<typeof filters>

async function unknownDrivers(place: Place, gitDir: string): Promise<Filters> {
  const record = await loadRecord(place)
  if (record === undefined) return {}
  const found = Object.entries(await ownFilters(place, gitDir))
  return Object.fromEntries(found.filter(([driver, entries]) => JSON.stringify(entries) !== JSON.stringify(record[driver])))
}

/** The entries of each driver that the repository's own files name. */
async function ownFilters(place: Place, gitDir: string): Promise<Filters> {
  const listed = await runGit(['config', '--show-scope', '--includes', '-z', '--get-regexp', '^filter\\.'], {
    cwd: place.commonDir,
    gitDir,
    accept: [1],
  })
  const fields = listed.stdout.toString('utf8').split('\0')
  const found = new Map<string, string[]>()
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const entry = fields[at + 1] ?? ''
    const [key = ''] = entry.split('\n', 1)
    const driver = key.slice('filter.'.length, key.lastIndexOf('.'))
    if (fields[at] === 'local' || fields[at] === 'worktree') found.set(driver, [...(found.get(driver) ?? []), entry])
  }
  return Object.fromEntries(found)
}

async function loadRecord(place: Place): Promise<Filters | undefined> {
  const text = await readFile(recordPath(place), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return v.parse(filters, JSON.parse(text))
  } catch {
    return {}
  }
}

function recordPath(place: Place): string {
  return join(orchDirectory(place), 'filters.json')
}
