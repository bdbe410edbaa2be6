import type { Failure } from '../../foundation/failure.ts'
import { findStatus, unknownTask } from '../../protocol/find-status.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failures.ts'
import { lastHandle } from './last-task.ts'
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

function unknown(context: Context, typed: string | undefined): Failure {
  const { message, next } = unknownTask(loadStatuses(context.home).tasks, typed)
  return usageFailure(message, next)
}
