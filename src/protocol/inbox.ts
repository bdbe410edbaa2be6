import type { InboxItem } from '../domain/gates/inbox-item.ts'

export interface InboxAnswer {
  readonly schema: 1
  readonly items: readonly InboxItem[]
  /** Answers that were given while no daemon ran, and which the next one takes. */
  readonly kept: number
}
