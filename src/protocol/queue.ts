import type { Why } from '../domain/queue/hands.ts'

/** `GET /v1/queue?cwd=`; what `orch queue --json` prints. */
export interface QueueResponse {
  readonly schema: 1
  readonly project: string
  /** Grows with every change: `wait=<version>` answers at the next. */
  readonly version: number
  readonly isPaused: boolean
  /** Median time of the last whole runs, in milliseconds. */
  readonly suiteMs?: number
  readonly targets: readonly {
    readonly target: string
    /** Why it stands still. */
    readonly stopped?: string
    /** In the order of their turns. */
    readonly entries: readonly {
      readonly name: string
      readonly branch: string
      readonly head: string
      readonly priority: number
      readonly isInBatch: boolean
      readonly steps: readonly string[]
      readonly since: string
      /** Why an earlier batch left it open. */
      readonly note?: string
    }[]
    readonly batch?: {
      readonly id: string
      readonly since: string
      readonly work: 'planning' | 'testing' | 'landing'
      readonly why?: Why
      readonly step?: string
      /** Names, in merge order. */
      readonly members: readonly string[]
      readonly suspects: readonly string[]
      /** Of the run at work, in milliseconds. */
      readonly leftMs?: number
      readonly runs: readonly QueueRun[]
    }
  }[]
  /** Tested and kept; they land by themselves when the checkout is clean. */
  readonly held: readonly { readonly name: string; readonly target: string; readonly checkout: string; readonly dirty: readonly string[] }[]
}

/** One test run. `share`: of a whole run's time; 0 when the answer was known. */
export interface QueueRun {
  readonly why: Why
  readonly base: string
  readonly members: readonly string[]
  readonly scope: 'all' | { readonly step: string; readonly tests: readonly string[] }
  readonly outcome: 'passed' | 'failed' | 'stopped' | 'unbuildable'
  readonly step?: string
  readonly failed?: readonly string[]
  readonly tests?: number
  readonly durationMs: number
  readonly isCached: boolean
  readonly share: number
}

export interface FlakyResponse {
  readonly schema: 1
  readonly tests: readonly {
    readonly step: string
    readonly file?: string
    readonly name: string
    readonly count: number
    readonly firstAt: string
    readonly lastAt: string
  }[]
}
