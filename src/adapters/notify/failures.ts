import { Failure } from '../../foundation/failure.ts'
import type { CommandResult } from '../../platform/run-command.ts'

/** `afterMs`: what the receiver asked for. */
export function tellLater(reason: string, afterMs?: number): Failure {
  return new Failure('notify-later', reason, afterMs === undefined ? {} : { facts: { afterMs } })
}

export function tellNever(reason: string, next?: string): Failure {
  return new Failure('notify-refused', reason, next === undefined ? {} : { next })
}

/** How a program that was to tell something ended. */
export function requireTold(program: string, result: CommandResult, ifMissing: string): void {
  switch (result.kind) {
    case 'exited':
      if (result.code !== 0) throw tellLater(`${program} ended with ${result.code}${firstLine(result.stderr)}`)
      return
    case 'not-found':
      throw tellNever(`${program} is not there`, ifMissing)
    case 'timed-out':
      throw tellLater(`${program} did not end in time`)
    case 'signalled':
    case 'aborted':
      throw tellLater(`${program} was ended`)
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n')
  return line === '' ? '' : `: ${line.slice(0, 200)}`
}
