import type { TaskLife } from '../life/task-life.ts'
import { type GatePassage, passGates } from '../gates/pass-gates.ts'
import { withinOwnership } from './ownership.ts'
import { tellOfCheckpoint } from '../handoff/tell-of-checkpoint.ts'
import { passReviews } from '../verification/pass-reviews.ts'

/** The branch went on by itself: what it holds now is looked at anew. */
export type Moved = { readonly kind: 'moved'; readonly commit: string }

/** What a validated commit must have before it may land. */
export type Clearance =
  /** Goes back to the session; as a failed try, unless whoever objects bounds how often. */
  | { readonly kind: 'objection'; readonly prompt: string; readonly reason: string; readonly hasOwnBound?: boolean }
  | Moved
  /** A person said no, or spoke meanwhile: their word first. */
  | GatePassage

/**
 * It keeps to what its task may change; then the other parts hear what it holds for them, the departments review it, and the person is asked where
 * only they decide. All speak of exactly this commit.
 */
export async function clear(life: TaskLife, commit: string): Promise<Clearance> {
  const bounded = await withinOwnership(life, commit)
  if (bounded.kind !== 'clear') return bounded
  await tellOfCheckpoint(life, commit)
  const reviewed = await passReviews(life, commit)
  return reviewed.kind === 'clear' ? passGates(life, commit) : reviewed
}
