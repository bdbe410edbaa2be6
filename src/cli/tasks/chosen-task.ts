import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Failure } from '../../foundation/failure.ts'
import { findStatus, unknownTask } from '../../protocol/find-status.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failures.ts'
import { loadStatuses } from './status-files.ts'

/** The task that is meant, from the files. A usage failure when none or several are. */
export function requireTask(context: Context, typed: string | undefined): TaskStatus {
  const task = findTask(context, typed)
  if (task !== undefined) return task
  throw unknown(context, typed)
}

/**
 * What to send to the daemon for a typed name: the handle where the files know it, else what was typed, for the daemon knows
 * tasks of which no file tells yet. `-` is ours alone.
 */
export function nameForDaemon(context: Context, typed: string | undefined): string | undefined {
  const task = findTask(context, typed)
  if (task !== undefined) return task.handle
  if (typed === '-' || typed === undefined) throw unknown(context, typed)
  return typed
}

/** A repeated `-` means this one. Losing it costs nothing, so a full disk does not fail the command. */
export function rememberTask(context: Context, handle: string): void {
  try {
    mkdirSync(context.home, { recursive: true, mode: 0o700 })
    const path = join(context.home, 'last')
    writeFileSync(`${path}.${process.pid}`, `${handle}\n`, { mode: 0o600 })
    renameSync(`${path}.${process.pid}`, path)
  } catch {}
}

function findTask(context: Context, typed: string | undefined): TaskStatus | undefined {
  const { tasks } = loadStatuses(context.home)
  if (typed === '-') {
    const last = lastHandle(context.home)
    return tasks.find((task) => task.handle === last)
  }
  const found = findStatus(tasks, context.cwd, typed)
  if (found.kind === 'ambiguous')
    throw usageFailure(`"${typed ?? context.cwd}" may be ${found.statuses.map((task) => task.handle).join(' or ')}.`, 'give the whole name')
  return found.kind === 'found' ? found.status : undefined
}

function lastHandle(home: string): string | undefined {
  try {
    return readFileSync(join(home, 'last'), 'utf8').trim()
  } catch {
    return undefined
  }
}

function unknown(context: Context, typed: string | undefined): Failure {
  const { message, next } = unknownTask(loadStatuses(context.home).tasks, typed)
  return usageFailure(message, next)
}
