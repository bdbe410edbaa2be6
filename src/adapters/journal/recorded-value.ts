import { Failure } from '../../foundation/failure.ts'
import { InvariantViolation } from '../../foundation/invariant.ts'
import type { Json } from '../../ports/engine.ts'
import type { RecordedFailure } from './journal-event.ts'

/**
 * A copy as it will come back from the journal, so that a first run sees the very values that a replay sees.
 * Anything that JSON would change silently (a Date, NaN, a Map) is a Failure `not-json`.
 */
export function jsonCopy(value: unknown, what: string): Json {
  const fault = faultOf(value, '')
  if (fault !== undefined) {
    throw new Failure('not-json', `${what} is not a JSON value: ${fault}`, { safe: 'Nothing of it was recorded.' })
  }
  return JSON.parse(JSON.stringify(value)) as Json
}

/** As `jsonCopy`, for what may also be nothing at all. */
export function jsonCopyOrNothing(value: unknown, what: string): Json | undefined {
  return value === undefined ? undefined : jsonCopy(value, what)
}

export function toRecordedFailure(error: unknown): RecordedFailure {
  if (error instanceof Failure) {
    const facts = factsOf(error)
    return {
      code: error.code,
      message: error.message,
      ...(facts === undefined ? {} : { facts }),
      ...(error.safe === undefined ? {} : { safe: error.safe }),
      ...(error.next === undefined ? {} : { next: error.next }),
    }
  }
  const code = error instanceof InvariantViolation ? 'invariant-violation' : 'unexpected-error'
  return { code, message: error instanceof Error ? error.message : String(error) }
}

export function toFailure(recorded: RecordedFailure): Failure {
  const { facts } = recorded
  return new Failure(recorded.code, recorded.message, {
    ...(facts !== null && typeof facts === 'object' && !Array.isArray(facts) ? { facts: { ...facts } } : {}),
    ...(recorded.safe === undefined ? {} : { safe: recorded.safe }),
    ...(recorded.next === undefined ? {} : { next: recorded.next }),
  })
}

function factsOf(failure: Failure): Json | undefined {
  if (Object.keys(failure.facts).length === 0) return undefined
  try {
    return jsonCopy(failure.facts, 'facts')
  } catch {
    return undefined // facts are for a reader; that they cannot be kept must not hide the failure
  }
}

function faultOf(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value}${place(path)}`
  if (Array.isArray(value))
    return firstFault(
      value.map((item, i) => [String(i), item]),
      path,
    )
  if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return firstFault(
      Object.entries(value).filter(([, member]) => member !== undefined),
      path,
    )
  }
  return `${typeof value === 'object' ? value.constructor.name : typeof value}${place(path)}`
}

function firstFault(members: readonly (readonly [string, unknown])[], path: string): string | undefined {
  for (const [key, member] of members) {
    const fault = faultOf(member, `${path}.${key}`)
    if (fault !== undefined) return fault
  }
  return undefined
}

function place(path: string): string {
  return path === '' ? '' : ` at ${path}`
}
