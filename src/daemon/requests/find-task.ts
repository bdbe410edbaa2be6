import { realpath } from 'node:fs/promises'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { findStatus, unknownTask } from '../../protocol/find-status.ts'
import type { TaskRecord } from '../services/task-record.ts'
import type { RequestParts } from './parts.ts'

/** The task that a person means: by name, or by the worktree they stand in. Failures: `unknown-task`, `ambiguous-task`. */
export async function findTask(parts: RequestParts, { cwd, name }: { cwd: string; name?: string | undefined }): Promise<TaskRecord> {
  const here = await realpath(cwd).catch(() => cwd)
  const found = findStatus(parts.roster.statuses(), here, name)
  if (found.kind === 'ambiguous')
    throw ambiguous(
      name ?? here,
      found.statuses.map(({ handle }) => handle),
    )
  const record = found.kind === 'found' ? parts.roster.record(found.status.handle) : undefined
  if (record !== undefined) return record
  const { message, next } = unknownTask(parts.roster.statuses(), name)
  throw new Failure('unknown-task', message, { next })
}

function ambiguous(typed: string, handles: readonly string[]): Failure {
  return new Failure('ambiguous-task', `"${plainLine(typed)}" means more than one task`, {
    facts: { details: handles },
    next: 'the whole name, as listed above',
  })
}
