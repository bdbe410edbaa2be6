import type { AnswerKey } from '../answer-key.ts'

/** What a policy gets: a clone of its own with the target checked out, and every branch of the key as a local branch. */
export interface PolicyRequest {
  readonly repository: string
  /** An empty folder for whatever the policy needs besides. */
  readonly folder: string
  readonly key: AnswerKey
  readonly environment: Readonly<Record<string, string>>
  /** Milliseconds of the whole suite on the target. */
  readonly suiteMs: number
  /** Test runs at once, for policies that can. */
  readonly slots: number
}

export interface PolicyResult {
  readonly entries: readonly PolicyEntry[]
  readonly runs: readonly PolicyRun[]
  readonly wallMs: number
}

export interface PolicyEntry {
  readonly branch: string
  readonly outcome: string
  readonly reason?: string
}

export interface PolicyRun {
  readonly why: string
  readonly members: readonly string[]
  readonly outcome: string
  readonly durationMs: number
  /** Of the whole suite: 0 (known already) to 1. */
  readonly share: number
}

export type Policy = (request: PolicyRequest) => Promise<PolicyResult>
