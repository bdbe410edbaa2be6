import type { Standing } from './standing.ts'

export const MOST_ATTEMPTS = 9

/** What people see of a contest: kept with the task's status and, when it is over, in the project's folder. */
export interface ContestFacts {
  readonly attempts: readonly AttemptFacts[]
  /** The best of those that finished, while a person is asked. */
  readonly proposed?: number
  /** The one whose work landed. */
  readonly taken?: number
}

export interface AttemptFacts {
  readonly number: number
  readonly handle: string
  readonly branch: string
  readonly model?: string
  readonly standing: Standing['kind']
  /** One line: what the validation said, why it is stuck, why it was kept or not. */
  readonly reason: string
  readonly score?: number
  readonly lines?: number
  readonly files?: number
  readonly costUsd?: number
  readonly elapsedMs?: number
}
