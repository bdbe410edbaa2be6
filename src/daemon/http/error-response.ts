import { Failure } from '../../foundation/failure.ts'
import { isErrno } from '../../platform/errno.ts'
import type { ErrorResponse } from '../../protocol/responses.ts'

const USAGE = new Set([
  'bad-request',
  'unknown-task',
  'unknown-base',
  'ambiguous-task',
  'backlog-problems',
  'empty-backlog',
  'no-backlog',
  'bad-config',
  'not-a-repository',
])
const NEEDS_HUMAN = new Set(['already-there'])

export function errorResponse(error: unknown): { status: 400 | 500; body: ErrorResponse } {
  if (isNoRoom(error)) return errorResponse(noRoom(error))
  if (!(error instanceof Failure)) {
    const message = 'orch itself failed; the log says more'
    return {
      status: 500,
      body: { error: { code: 'internal', message, safe: 'sessions and worktrees are untouched', next: 'orch daemon status', exitCode: 1 } },
    }
  }
  const details = error.facts['details']
  return {
    status: 400,
    body: {
      error: {
        code: error.code,
        message: error.message,
        ...(error.safe !== undefined && { safe: error.safe }),
        ...(error.next !== undefined && { next: error.next }),
        ...(Array.isArray(details) && { details: details.map(String) }),
        exitCode: USAGE.has(error.code) ? 2 : NEEDS_HUMAN.has(error.code) ? 3 : 1,
      },
    },
  }
}

function isNoRoom(error: unknown): error is NodeJS.ErrnoException {
  return !(error instanceof Failure) && isErrno(error, 'ENOSPC', 'EDQUOT', 'EROFS')
}

/** What was asked for was not recorded; what was recorded goes on as soon as there is room. */
function noRoom(cause: NodeJS.ErrnoException): Failure {
  const what = cause.code === 'EROFS' ? 'is read-only' : 'is full'
  return new Failure('disk-full', `the disk of ${cause.path ?? "orch's folder"} ${what} (${cause.code})`, {
    cause,
    safe: 'everything recorded so far is safe, and sessions run on',
    next: 'make room, then the same command again',
  })
}
