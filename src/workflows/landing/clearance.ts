import type { Halt } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import { tellOfCheckpoint } from '../handoff/tell-of-checkpoint.ts'
import { passGates } from '../gates/pass-gates.ts'
import { passReviews } from '../verification/pass-reviews.ts'

/** The branch went on by itself: what it holds now is looked at anew. */
export type Moved = { readonly kind: 'moved'; readonly commit: string }

/** What a validated commit must have before it may land. */
export type Clearance =
  | { readonly kind: 'clear' }
  /** Goes back to the session; as a failed try, unless whoever objects bounds how often. */
  | { readonly kind: 'objection'; readonly prompt: string; readonly reason: string; readonly hasOwnBound?: boolean }
  | Moved
  /** A person spoke meanwhile: their word first. */
  | Halt

/** The other parts hear what it holds for them; then the departments that review it, then the person where only they decide: both say what they say about exactly this commit. */
export async function clear(life: TaskLife, commit: string): Promise<Clearance> {
  await tellOfCheckpoint(life, commit)
  const reviewed = await passReviews(life, commit)
  return reviewed.kind === 'clear' ? passGates(life, commit) : reviewed
}
