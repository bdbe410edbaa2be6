import type { Sha } from '../../foundation/brand.ts'
import type { TestFailure } from './test-run.ts'

/** A branch at one exact commit that waits to land. If the branch moves, the entry is void. */
export type QueueEntry = {
  /** Unique; the id of the run that offered it. */
  readonly id: string
  /** What people call it: a task's handle, or the branch. */
  readonly name: string
  readonly branch: string
  readonly head: Sha
  /** Higher goes first. */
  readonly priority: number
  /** Names of entries that must land before it or with it; those that are not in the queue have landed or do not matter. */
  readonly needs: readonly string[]
  /** Entries of one group land all together or not at all. */
  readonly group?: string
  /** Work in progress that it would conflict with, as the radar sees it: of equal priority those with fewer go first. */
  readonly rivals?: number
  /** When it was offered, in milliseconds since the epoch: ties of priority go by it. */
  readonly at: number
}

/** What a batch found out about one of its entries. */
export type EntryOutcome =
  | { readonly kind: 'landed'; readonly commit: Sha }
  /** Tested and kept; the user's checkout of the target is in the way. */
  | { readonly kind: 'held'; readonly commit: Sha; readonly ref: string; readonly checkout: string; readonly dirty: readonly string[] }
  | { readonly kind: 'sent-back'; readonly breakage: Breakage }
  /** The branch is not at the entry's commit any more. */
  | { readonly kind: 'void'; readonly found?: Sha }
  /** Nothing is wrong with it that this batch could tell: it goes into the next. */
  | { readonly kind: 'requeued'; readonly reason: string }

export type Breakage =
  | {
      readonly kind: 'fails'
      /** The target with everything that was merged before it: there the same tests pass. */
      readonly base: Sha
      readonly step: string
      /** Empty where the report says nothing of single tests. */
      readonly failures: readonly TestFailure[]
      readonly summary: string
      readonly tail: string
      readonly log: string
      /** Name of the entry with which only together it fails. */
      readonly with?: string
    }
  | {
      readonly kind: 'conflicts'
      /** The commit to merge to see it. */
      readonly base: Sha
      /** Name of the entry whose landing it conflicts with, where that is known; else it is the target's own change. */
      readonly with?: string
      /** Empty: they have no commit in common. */
      readonly files: readonly string[]
      /** Both sides, with conflict markers, at most 8 KB. */
      readonly hunks: string
    }
  /** One of its group cannot land. */
  | { readonly kind: 'group'; readonly group: string; readonly because: string }
