import { Failure, failureCode } from '../../foundation/failure.ts'
import { Cancelled, EngineClosed } from '../../ports/engine.ts'

/** Thrown out of whatever a task was doing when a person gave it up. */
export class Discarded extends Failure {
  constructor(reason: string) {
    super('discarded', reason)
  }
}

/** Thrown likewise out of a department's part: its feature has landed, and this with it. */
export class LandedWith extends Failure {
  readonly commit: string

  constructor(commit: string) {
    super('landed-with', `landed with its feature as ${commit}`)
    this.commit = commit
  }
}

/** The engine's own endings and the person's: everything else that is thrown is trouble that the task tells of and waits with. */
export function endsRun(error: unknown): boolean {
  return (
    error instanceof Discarded ||
    error instanceof LandedWith ||
    error instanceof Cancelled ||
    error instanceof EngineClosed ||
    failureCode(error) === 'nondeterministic-run'
  )
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
