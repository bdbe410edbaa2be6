import type { CostLedger } from './cost-ledger.ts'
import type { ModelFailure, PermissionRequest, SessionExit, TurnOutcome } from './session-event.ts'

/** What is known of one process of a session, from its record alone. Everything but `phase` is a fact; `phase` is derived from them. */
export interface SessionFacts {
  readonly phase: SessionPhase
  readonly startedAt: number | undefined
  readonly agentVersion: string | undefined
  readonly model: string | undefined
  readonly turn: Turn
  readonly lastOutcome: { readonly at: number; readonly outcome: TurnOutcome } | undefined
  readonly received: ReadonlySet<string>
  readonly asked: ReadonlyMap<string, PermissionRequest>
  readonly answered: ReadonlySet<string>
  readonly tools: ReadonlyMap<string, RunningTool>
  readonly subagents: number
  readonly retrying: Retrying | undefined
  readonly limitedUntil: number | undefined
  readonly ledger: CostLedger
  readonly lastOutputAt: number | undefined
  readonly exit: { readonly at: number; readonly exit: SessionExit } | undefined
}

export type Turn =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly since: number }
  | { readonly kind: 'over'; readonly at: number }

export interface RunningTool {
  readonly tool: string
  readonly summary: string
  readonly since: number
}

export interface Retrying {
  readonly cause: ModelFailure
  readonly attempt: number
  readonly until: number
}

export type SessionPhase =
  | { readonly kind: 'starting' }
  | { readonly kind: 'working'; readonly since: number; readonly tool: RunningTool | undefined }
  | { readonly kind: 'waiting-for-permission'; readonly since: number; readonly requests: readonly PermissionRequest[] }
  | { readonly kind: 'retrying'; readonly cause: ModelFailure; readonly attempt: number; readonly until: number }
  /** `resetsAt` is unknown when the agent did not say. */
  | { readonly kind: 'limited'; readonly resetsAt: number | undefined }
  | { readonly kind: 'idle'; readonly since: number }
  | { readonly kind: 'exited'; readonly at: number; readonly exit: SessionExit }
