import type { EntryOutcome } from '../domain/queue/entry.ts'
import type { Standing } from '../domain/attempts/standing.ts'
import type { SessionExit, TurnOutcome } from '../domain/sessions/session-event.ts'

/**
 * Everything that a task's run waits for comes through one mailbox, in the order in which it happened.
 * `process` is the name of the process folder (`<conversation>.<n>`), so that news of a dead process is told apart.
 */
export type News =
  | { readonly kind: 'need-ended'; readonly task: string }
  | { readonly kind: 'seat'; readonly seat: string }
  | {
      readonly kind: 'turn-ended'
      readonly process: string
      readonly outcome: TurnOutcome
      /** Messages that the process had read by then. */ readonly heard: readonly string[]
    }
  | { readonly kind: 'exited'; readonly process: string; readonly exit: SessionExit }
  | { readonly kind: 'stalled'; readonly process: string }
  | { readonly kind: 'over-budget'; readonly process: string; readonly costUsd: number }
  | { readonly kind: 'declared'; readonly what: 'done' | 'blocked'; readonly commit: string; readonly message: string }
  | { readonly kind: 'message'; readonly id: string; readonly text: string; readonly when: 'steer' | 'next-turn' }
  | { readonly kind: 'pause' | 'stop' }
  /** With the environment of the shell it was typed in, where the login may have been mended. */
  | { readonly kind: 'resume'; readonly environment?: string; readonly model?: string }
  | {
      readonly kind: 'merge'
      readonly merge: string
      readonly validate?: string
      /** Of a contest: this one, else the proposed one. */ readonly attempt?: number
    }
  /** How one of the task's attempts stands from now on. */
  | { readonly kind: 'attempt'; readonly number: number; readonly standing: Standing }
  | { readonly kind: 'landing-moved' }
  /** What became of this entry of the queue. */
  | { readonly kind: 'settled'; readonly entry: string; readonly outcome: EntryOutcome }
  /** Why the queue stands still, or that it goes on. */
  | { readonly kind: 'queue-stopped'; readonly reason: string }
  | { readonly kind: 'queue-goes-on' }
  /** A person takes it out of the queue, or changes when its turn comes. */
  | { readonly kind: 'unqueue' }
  | { readonly kind: 'reprioritise'; readonly priority: number }
  | { readonly kind: 'discard'; readonly reason: string }

export const NEWS = 'news'
