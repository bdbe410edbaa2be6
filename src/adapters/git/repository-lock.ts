import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { acquire } from '../../platform/generation-lock.ts'
import { orchDirectory, type Place } from './place.ts'

/**
 * One lock per repository and purpose, between all processes of the machine. Callers of one process queue up first,
 * so that fifty of them are one contender for the lock and not fifty.
 */
export function withRepositoryLock<T>(
  place: Place,
  purpose: 'worktrees' | 'exclude' | 'landing' | 'guard' | 'pool' | `path-${number}`,
  work: () => Promise<T>,
): Promise<T> {
  const folder = join(orchDirectory(place), 'locks', purpose)
  const turn = (queues.get(folder) ?? Promise.resolve()).then(async () => {
    const lock = await acquire(folder, { clock: systemClock, timeoutMs: LOCK_TIMEOUT_MS })
    try {
      return await work()
    } finally {
      await lock.release()
    }
  })
  const settled = turn.then(
    () => undefined,
    () => undefined,
  )
  queues.set(folder, settled)
  void settled.then(() => {
    if (queues.get(folder) === settled) queues.delete(folder)
  })
  return turn
}

/** The purpose of work on one path: one of a fixed number, since a lock's folder can never be removed. Two paths that share one only wait. */
export function pathPurpose(path: string): `path-${number}` {
  return `path-${createHash('sha256').update(path).digest().readUInt8(0) % 64}`
}

const queues = new Map<string, Promise<void>>()
/** A checkout of a large repository under load, many times over. */
const LOCK_TIMEOUT_MS = 120_000
