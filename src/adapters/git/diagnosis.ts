import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RepositoryTrouble } from '../../ports/git.ts'
import { orchDirectory, type Place } from './place.ts'
import { hasAbandoned } from './worktrees/half-made.ts'
import { listWorktrees, readEntries } from './worktrees/entries.ts'

/** git holds its own lock files for moments; one this old belongs to a git that was killed. */
const STALE_AFTER_MS = 60_000

/** What killed processes left in the repository. Only looks. */
export async function diagnose(place: Place): Promise<readonly RepositoryTrouble[]> {
  const [locks, halfMade, lost, isBeingMade] = await Promise.all([
    staleLocks(place),
    halfMadeEntries(place),
    lostWorktrees(place),
    hasAbandoned(place),
  ])
  const making: RepositoryTrouble[] =
    isBeingMade && halfMade.length === 0 ? [{ kind: 'half-made-worktree', path: join(orchDirectory(place), 'making') }] : []
  return [...locks, ...halfMade, ...making, ...lost]
}

async function staleLocks(place: Place): Promise<RepositoryTrouble[]> {
  const names = (await readdir(place.commonDir).catch(() => [])).filter((name) => name.endsWith('.lock'))
  const entries = (await readEntries(place)).filter((entry) => !entry.isMain).map((entry) => join(entry.adminDir, 'index.lock'))
  const paths = [...names.map((name) => join(place.commonDir, name)), ...entries]
  const ages = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        (found) => Date.now() - found.mtimeMs,
        () => 0,
      ),
    ),
  )
  return paths.filter((_, index) => (ages[index] ?? 0) > STALE_AFTER_MS).map((path) => ({ kind: 'stale-lock', path }))
}

async function halfMadeEntries(place: Place): Promise<RepositoryTrouble[]> {
  return (await readEntries(place))
    .filter((entry) => entry.isHalfMade)
    .map((entry) => ({ kind: 'half-made-worktree', path: entry.adminDir }))
}

async function lostWorktrees(place: Place): Promise<RepositoryTrouble[]> {
  return (await listWorktrees(place)).filter((found) => found.isPrunable).map(({ path }) => ({ kind: 'lost-worktree', path }))
}
