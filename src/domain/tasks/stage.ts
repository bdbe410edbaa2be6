import type { MessageKind, Party } from '../board/message.ts'
import type { Phase } from '../features/department.ts'
import type { PermissionRequest } from '../sessions/session-event.ts'
import type { TerminalClient } from '../sessions/terminal-client.ts'

/** `message`: its id on the board. */
export type AwaitedAnswer = {
  readonly message: string
  readonly what: MessageKind
  readonly to: readonly Party[]
  readonly text: string
}

/**
 * Where a task's workflow stands: facts that the workflow records. What people see (`deriveStatus`) is a function
 * of the stage and of what the session's own record says.
 */
export type Stage =
  /** `failed`: those that only a person gets going again; `abandoned`: those of them that were given up. */
  | {
      readonly kind: 'waiting-for-needs'
      readonly needs: readonly string[]
      readonly failed: readonly string[]
      readonly abandoned?: readonly string[]
    }
  | { readonly kind: 'waiting-for-seat' }
  | { readonly kind: 'setting-up'; readonly step: string }
  | { readonly kind: 'in-session' }
  /** The turn ended without a word, and nothing is there to validate. */
  | { readonly kind: 'idle' }
  /** The user's own terminal; followed by hooks. `again`: the command that goes on with the conversation of a session that ended. */
  | { readonly kind: 'manual'; readonly command: string; readonly again: string }
  /** Its conversation is in a person's terminal, by `orch attach`: request `by`. `asks`: what its own process, ended for that, wanted a person's word for. */
  | { readonly kind: 'attached'; readonly by: string; readonly client: TerminalClient; readonly asks?: readonly PermissionRequest[] }
  | { readonly kind: 'parked'; readonly reason: string; readonly until: number }
  | { readonly kind: 'paused'; readonly by: 'pause' | 'stop' }
  | { readonly kind: 'blocked'; readonly question: string }
  | { readonly kind: 'unfinished'; readonly reason: string; readonly code?: 'over-budget' }
  /** Its session has ended its turn and waits for answers, without a seat. `asks`: what its process, ended meanwhile, wanted a person's word for. */
  | { readonly kind: 'waiting'; readonly for: readonly AwaitedAnswer[]; readonly asks?: readonly PermissionRequest[] }
  | { readonly kind: 'validating'; readonly commit: string }
  /** Validated; these departments review it. */
  | { readonly kind: 'in-verification'; readonly commit: string; readonly by: readonly string[] }
  /** Validated (and reviewed); a person decides about what `asks` says. `id`: of the message on the board. */
  | {
      readonly kind: 'at-gate'
      readonly asks: readonly { readonly id: string; readonly gate: string; readonly why: string }[]
    }
  /** Its attempts are at work. */
  | { readonly kind: 'contest'; readonly working: number; readonly ready: number; readonly stuck: number }
  /** Its departments are at work; `stuck`: those that only a person gets going again, with the reason. */
  | {
      readonly kind: 'feature'
      readonly phase: Phase
      readonly working: readonly string[]
      readonly ready: readonly string[]
      readonly stuck: readonly { readonly department: string; readonly reason: string }[]
    }
  | { readonly kind: 'in-review'; readonly reason: string }
  /** `stopped`: why the queue stands still until a person does something. */
  | { readonly kind: 'waiting-to-land'; readonly stopped?: string }
  | { readonly kind: 'landing-held'; readonly checkout: string; readonly ref: string; readonly dirty: readonly string[] }
  | { readonly kind: 'merged'; readonly commit: string }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly reason: string
      readonly next: string
      readonly source?: 'protocol' | 'process'
    }
  | { readonly kind: 'archived'; readonly reason: string }

/** What a process that was ended meanwhile had wanted a person's word for. */
export function parkedAsks(stage: Stage): readonly PermissionRequest[] {
  return stage.kind === 'waiting' || stage.kind === 'attached' ? (stage.asks ?? []) : []
}
