import { Failure } from '../foundation/failure.ts'
import { plainBlock, plainLine } from '../foundation/text.ts'
import type { ErrorResponse } from '../protocol/responses.ts'

export const EXIT = { done: 0, failed: 1, usage: 2, needsHuman: 3, interrupted: 130, terminated: 143 } as const

/** The daemon refused; it has said everything a person needs, exit code included. */
export class DaemonRefusal extends Error {
  override readonly name = 'DaemonRefusal'
  readonly answer: ErrorResponse['error']

  constructor(answer: ErrorResponse['error']) {
    super(answer.message)
    this.answer = answer
  }
}

/** The person typed something that cannot be meant: exit 2. */
export function usageFailure(message: string, next?: string): Failure {
  return new Failure('usage', message, next === undefined ? {} : { next })
}

/** What the person wrote, on the command line or into a file, cannot be meant. The daemon's list is in error-response.ts. */
const USAGE: ReadonlySet<string> = new Set([
  'usage',
  'backlog-problems',
  'empty-backlog',
  'no-backlog',
  'unknown-task',
  'unknown-base',
  'bad-config',
  'bad-script',
  'not-a-repository',
])

export function exitCodeOf(error: unknown): number {
  if (error instanceof DaemonRefusal) return error.answer.exitCode
  if (error instanceof Failure && USAGE.has(error.code)) return EXIT.usage
  return EXIT.failed
}

/** Three parts: what happened, what was kept safe, what to type next. `logPath` is where a bug's trace is found. */
export function renderError(error: unknown, logPath: string): string {
  const { message, details, safe, next } = partsOf(error, logPath)
  return [
    `orch: ${plainBlock(message)}`,
    ...details.map((detail) => `  ${plainLine(detail, 2000)}`),
    ...(safe === undefined ? [] : [`Kept safe: ${plainLine(safe, 2000)}`]),
    ...(next === undefined ? [] : [`Next: ${plainLine(next, 2000)}`]),
  ].join('\n')
}

export function errorJson(error: unknown, logPath: string): { schema: 1; error: Record<string, unknown> } {
  const { message, details, safe, next } = partsOf(error, logPath)
  return { schema: 1, error: { code: codeOf(error), message, details, safe, next, exitCode: exitCodeOf(error) } }
}

function codeOf(error: unknown): string {
  if (error instanceof DaemonRefusal) return error.answer.code
  return error instanceof Failure ? error.code : 'unexpected'
}

interface Parts {
  readonly message: string
  readonly details: readonly string[]
  readonly safe: string | undefined
  readonly next: string | undefined
}

function partsOf(error: unknown, logPath: string): Parts {
  if (error instanceof DaemonRefusal) {
    return { message: error.answer.message, details: error.answer.details ?? [], safe: error.answer.safe, next: error.answer.next }
  }
  if (error instanceof Failure) {
    const { details } = error.facts
    return { message: error.message, details: Array.isArray(details) ? details.map(String) : [], safe: error.safe, next: error.next }
  }
  const message = plainLine(error instanceof Error ? error.message : String(error))
  return {
    message: `Something unexpected happened: ${message}`,
    details: [],
    safe: 'sessions run on their own; this command was only looking at them or asking for a change.',
    next: `look into ${logPath}, then \`orch doctor\``,
  }
}
