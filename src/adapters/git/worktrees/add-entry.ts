import { mkdir } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseSha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { onRepository, type Place } from '../place.ts'
import { entryAt, exists, forgetEntry, readEntries, realPathOf, type Entry } from './entries.ts'
import { recordMaking, sweepHalfMade } from './half-made.ts'

/** Under the lock: the entry of a new worktree without its files; `args` are its path and its branch, or the commit of a detached one. */
export async function addEntry(place: Place, path: string, args: readonly [string, string]): Promise<Entry> {
  await mkdir(dirname(path), { recursive: true })
  await recordMaking(place, path, () => addWithRetries(place, path, args))
  const entry = await entryAt(place, path)
  if (entry === undefined) throw new Failure('git-failed', `${path} is not a worktree after it was added`, { facts: { path } })
  return entry
}

/** The user's own `git worktree add` is not under our lock, and git dies on its half-written entry. */
async function addWithRetries(place: Place, path: string, args: readonly [string, string]): Promise<void> {
  const detach = parseSha(args[1]) === undefined ? [] : ['--detach']
  for (let left = ADD_RETRIES; ; left--) {
    try {
      await onRepository(place, ['worktree', 'add', '--quiet', '--no-checkout', '--no-guess-remote', ...detach, '--', ...args])
      return
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'git-failed') throw error
      if (detach.length === 0) await refuseCheckedOut(place, args[1])
      await sweepHalfMade(place)
      await forgetGone(place, path)
      if (left === 0) throw error
      await wait(100 * (ADD_RETRIES - left))
    }
  }
}

async function refuseCheckedOut(place: Place, branch: string): Promise<void> {
  const holder = (await readEntries(place)).find(
    (entry) => entry.head !== undefined && 'branch' in entry.head && entry.head.branch === branch && !(entry.isMain && place.isBare),
  )
  if (holder !== undefined && (holder.isMain || (await exists(join(holder.path ?? '', '.git')))))
    throw branchTaken(branch, `it is checked out in ${holder.path}`)
}

/** An entry of this very path whose folder has gone would block it for ever. */
async function forgetGone(place: Place, path: string): Promise<void> {
  const entry = await entryAt(place, path)
  if (entry === undefined || entry.isMain || (await exists(join(path, '.git')))) return
  if (await exists(join(entry.adminDir, 'locked'))) throw pathTaken(path, 'a locked worktree is registered there')
  await forgetEntry(entry)
}

const ADD_RETRIES = 4

export async function requirePath(path: string): Promise<string> {
  // oxlint-disable-next-line no-control-regex -- a line end would end the path in git's own files
  if (!isAbsolute(path) || /[\u0000-\u001f\u007f]/.test(path))
    throw new Failure('bad-path', `${JSON.stringify(path)} cannot be a worktree's path`, { facts: { path } })
  return realPathOf(path)
}

export function pathTaken(path: string, why: string): Failure {
  return new Failure('path-taken', `${path} cannot become a worktree: ${why}`, { facts: { path }, safe: 'Nothing was changed there.' })
}

export function branchTaken(branch: string, why: string): Failure {
  return new Failure('branch-taken', `The branch ${branch} cannot be used: ${why}`, {
    facts: { branch },
    safe: 'The branch was left as it is.',
  })
}
