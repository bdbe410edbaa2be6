import type { BatchEnd } from '../batch.ts'
import type { EntryOutcome } from '../entry.ts'

/** Thrown from wherever it is found out: the batch is over, whatever was being done. Never leaves `settleBatch`. */
export class BatchOver extends Error {
  override readonly name = 'BatchOver'
  readonly end: BatchEnd
  /** Why the undecided are requeued. */
  readonly reason: string

  constructor(end: BatchEnd, reason: string) {
    super(reason)
    this.end = end
    this.reason = reason
  }
}

/** Thrown when members turn out not to be part of this batch: what was being done starts anew without them. Never leaves `settleBatch`. */
export class MembersGone extends Error {
  override readonly name = 'MembersGone'
  readonly gone: ReadonlyMap<string, EntryOutcome>

  constructor(gone: ReadonlyMap<string, EntryOutcome>) {
    super([...gone.keys()].join(', '))
    this.gone = gone
  }
}
