import type { Stage } from '../../domain/tasks/stage.ts'
import type { AttachRequest } from '../news.ts'

export type Checkpoint = { readonly kind: 'checkpoint'; readonly commit: string; readonly isInferred: boolean }
/** The talk stopped short of a checkpoint and a person is needed, or asked for it. */
export type Held = { readonly kind: 'held'; readonly stage: Stage; readonly keepsProcess: boolean; readonly hasHeardPrompt: boolean }
/** Nobody is needed: at that time it goes on, and then `prompt` is said; without one only what others have written. */
export type Limited = { readonly kind: 'limited'; readonly until: number; readonly reason: string; readonly prompt: string | undefined }
/** It goes on in a person's terminal. `isTorn`: from the middle of a turn; `otherwise`: what would have come next, should nothing be said there. */
export type Lent = { readonly kind: 'lent'; readonly request: AttachRequest; readonly isTorn: boolean; readonly otherwise?: Held | Limited }
export type TalkEnd = Checkpoint | Held | Limited | Lent

export function held(stage: Stage, keepsProcess: boolean): Held {
  return { kind: 'held', stage, keepsProcess, hasHeardPrompt: true }
}

export function unfinished(reason: string, keepsProcess = true): Held {
  return held({ kind: 'unfinished', reason }, keepsProcess)
}
