import type { Sha } from '../../foundation/brand.ts'
import type { Patch } from '../../ports/git.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'

/** One piece of work that waits for a person's judgement. */
export interface ReviewItem {
  readonly status: TaskStatus
  readonly isSkipped: boolean
}

/** What is loaded of an item when it is looked at. */
export interface Material {
  readonly head: Sha
  /** What its branch changes. */
  readonly patch: Patch
  readonly uncommitted: readonly string[]
  /** AGENT_NOTES.md. */
  readonly notes: string
  readonly overlaps: readonly Overlap[]
}

/** Another branch that changes the same. */
export interface Overlap {
  readonly other: string
  readonly files: readonly string[]
}

/** What became of something that was asked for; `isSettled`: nothing is left to decide about the item. */
export interface Outcome {
  readonly lines: readonly string[]
  readonly isSettled: boolean
}

/** What the screens may do. */
export interface Desk {
  load(item: ReviewItem): Promise<Material>
  /** Refuses when the branch is not at the commit that was reviewed. */
  merge(item: ReviewItem, reviewed: Sha): Promise<Outcome>
  sendBack(item: ReviewItem, message: string): Promise<Outcome>
  discard(item: ReviewItem, reason: string): Promise<Outcome>
  /** Until its branch moves. */
  skip(item: ReviewItem, reviewed: Sha): Promise<Outcome>
  /** What was thrown by the others, in words for a person. */
  explain(error: unknown): readonly string[]
}
