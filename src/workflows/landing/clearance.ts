import type { Halt } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import { passGates } from '../gates/pass-gates.ts'
import { withinOwnership } from './ownership.ts'
import { passReviews } from '../verification/pass-reviews.ts'

/** What a validated commit must have before it may land. */
export type Clearance =
  | { readonly kind: 'clear' }
  /** Goes back to the session as a failed try. */
  | { readonly kind: 'objection'; readonly prompt: string; readonly reason: string }
  /** A person spoke meanwhile: their word first. */
  | Halt

/** It keeps to what its task may change; then the departments review it; then the person where only they decide. All speak of exactly this commit. */
export async function clear(life: TaskLife, commit: string): Promise<Clearance> {
  for (const pass of [withinOwnership, passReviews, passGates]) {
    const passed = await pass(life, commit)
    if (passed.kind !== 'clear') return passed
  }
  return { kind: 'clear' }
}
