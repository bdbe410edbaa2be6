import type { MessageKind, Party } from '../domain/board/message.ts'
import type { PartsOverlap } from '../domain/radar/parts-overlap.ts'
import type { EntryOutcome } from '../domain/queue/entry.ts'
import type { Standing } from '../domain/attempts/standing.ts'
import type { TerminalClient } from '../domain/sessions/terminal-client.ts'
import type { PermissionDecision, PermissionRequest, SessionExit, TurnOutcome } from '../domain/sessions/session-event.ts'

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
  /** From the board, for this task. `text` is as its session is to hear it, under the uuid `id`; `message` is its id on the board. */
  | {
      readonly kind: 'mail'
      readonly id: string
      readonly message: string
      readonly what: MessageKind
      readonly from: Party
      readonly inReplyTo?: string
      readonly decision?: 'approve' | 'deny'
      readonly text: string
      /** It brings back a session that has finished or ended. */
      readonly wakes: boolean
    }
  /** The board took a message of this task's session that it now waits on (`blocksSender`). */
  | { readonly kind: 'asked'; readonly message: string; readonly what: MessageKind; readonly to: readonly Party[]; readonly text: string }
  /** Its session's process wants a person's word for this, or has got it. */
  | { readonly kind: 'leave-asked'; readonly process: string; readonly request: PermissionRequest }
  | { readonly kind: 'leave-answered'; readonly process: string; readonly request: string }
  /** A person's word on a request whose process was ended meanwhile. */
  | { readonly kind: 'leave-decided'; readonly request: string; readonly decision: PermissionDecision }
  /** To a feature: how one of its parts stands from now on. */
  | { readonly kind: 'part'; readonly department: string; readonly standing: Standing }
  /** To a part: the feature has landed with this commit. */
  | { readonly kind: 'landed-with'; readonly commit: string }
  /** To a feature: all that its parts' worktrees would conflict in now, by the radar; empty when nothing is left. */
  | { readonly kind: 'overlaps'; readonly pairs: readonly PartsOverlap[] }
  /** A person wants the conversation in their terminal, at the end of the running turn; `isNow`: they do not wait for that. */
  | { readonly kind: 'attach'; readonly by: string; readonly client: TerminalClient; readonly isNow: boolean }
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

export type AttachRequest = Extract<News, { kind: 'attach' }>

export const NEWS = 'news'
