import type { Stage } from '../tasks/stage.ts'

/** How an attempt stands, as far as its contest is concerned. */
export type Standing =
  | { readonly kind: 'working' }
  /** Finished at this commit. `isValidated` is false where no validation is configured. Milliseconds since its session began. */
  | { readonly kind: 'ready'; readonly commit: string; readonly isValidated: boolean; readonly summary: string; readonly elapsedMs: number }
  /** Only a person gets it going again. */
  | { readonly kind: 'stuck'; readonly code: string; readonly reason: string }
  /** Given up. */
  | { readonly kind: 'gone'; readonly reason: string }

/** What is known when the stage begins: its newest verdict and how long its session has been at it. */
export interface StandingFacts {
  readonly verdict: { readonly commit: string; readonly isReal: boolean; readonly summary: string } | undefined
  readonly elapsedMs: number
}

export const STOPPED = 'paused-by-stop'
const PAUSED = 'paused'

export function standingOf(stage: Stage, { verdict, elapsedMs }: StandingFacts): Standing {
  switch (stage.kind) {
    case 'in-review':
      if (verdict === undefined) return { kind: 'stuck', code: 'in-review', reason: stage.reason }
      return { kind: 'ready', commit: verdict.commit, isValidated: verdict.isReal, summary: verdict.summary, elapsedMs }
    case 'failed':
      return { kind: 'stuck', code: stage.code, reason: stage.reason }
    case 'blocked':
      return { kind: 'stuck', code: 'blocked', reason: stage.question }
    case 'unfinished':
      return { kind: 'stuck', code: 'unfinished', reason: stage.reason }
    case 'at-gate':
      return { kind: 'stuck', code: 'at-gate', reason: stage.asks.map(({ gate, why }) => `${gate}: ${why}`).join('; ') }
    case 'paused':
      return {
        kind: 'stuck',
        code: stage.by === 'stop' ? STOPPED : PAUSED,
        reason: stage.by === 'stop' ? 'stopped by you' : 'paused by you',
      }
    case 'archived':
      return { kind: 'gone', reason: stage.reason }
    default:
      return { kind: 'working' }
  }
}

/** The person holds it: it waits for `orch resume`, not for words. */
export function isHeld(standing: Standing): boolean {
  return standing.kind === 'stuck' && (standing.code === STOPPED || standing.code === PAUSED)
}

/** In words, for people. */
export function standingWords(standing: Standing): string {
  if (standing.kind === 'working') return 'at work'
  return standing.kind === 'ready' ? standing.summary : standing.reason
}
