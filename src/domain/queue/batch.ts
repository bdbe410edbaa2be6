import type { Sha } from '../../foundation/brand.ts'
import type { QueueEntry } from './entry.ts'

/** What one batch begins with. Which of the entries conflict was computed before, so `order` can be merged one after the other. */
export type Batch = {
  /** Newest commit of the target, or of what waits tested to land on it. */
  readonly target: Sha
  /** In merge order. */
  readonly entries: readonly QueueEntry[]
  /** Step names in their order; `setup` first if there is one. */
  readonly steps: readonly string[]
  /** Test runs at once. */
  readonly slots: number
  /** Of earlier batches of the project: for the first guess of the failure rate. */
  readonly history: { readonly landed: number; readonly sentBack: number }
  /** Size of each entry's change, for the risk order: lines added and removed. */
  readonly size: Readonly<Record<string, number>>
}

/** How the batch ended as a whole. What became of each entry was told by then. */
export type BatchEnd =
  | { readonly kind: 'settled' }
  /** The target itself fails: nothing can be told about any entry that is left. */
  | {
      readonly kind: 'red-target'
      readonly commit: Sha
      readonly step: string
      readonly tests: readonly string[]
      readonly summary: string
    }
  /** Someone else moved the target: what is left is requeued. */
  | { readonly kind: 'target-moved'; readonly found: Sha }
  | { readonly kind: 'stopped' }
