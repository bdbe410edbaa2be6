import { type BoardMessage, HUMAN, ORCH, type Party, type Receipt } from './message.ts'

/** What is known of one receiver besides the messages themselves, as it is kept in a file. */
export type KeptReceipt = Omit<Receipt, 'answeredAt'>

/**
 * Of each receiver, in the order of `to`. What is for the person or for orch is delivered as soon as it stands on the board;
 * an answer is a message of its own, so it is looked up there and kept nowhere else.
 */
export function receiptsOf(message: BoardMessage, kept: readonly KeptReceipt[], replies: readonly BoardMessage[]): readonly Receipt[] {
  return message.to.map((to) => {
    const own = kept.find((receipt) => receipt.to === to) ?? { to }
    const answer = replies.find(({ from }) => from === to)
    return {
      ...own,
      ...(isAlwaysThere(to) && { deliveredAt: message.takenAt }),
      ...(answer !== undefined && { answeredAt: answer.takenAt }),
    }
  })
}

/** As they lie in a file beside the message. */
export function parseReceipts(value: unknown): readonly KeptReceipt[] {
  return Array.isArray(value) ? value.filter(isKeptReceipt) : []
}

/** Whose copy of a message has still to be carried somewhere. */
export function pendingReceivers(message: BoardMessage, kept: readonly KeptReceipt[]): readonly Party[] {
  const closed = new Set(kept.filter(({ deliveredAt, refused }) => deliveredAt !== undefined || refused !== undefined).map(({ to }) => to))
  return message.to.filter((to) => !isAlwaysThere(to) && !closed.has(to))
}

function isAlwaysThere(party: Party): boolean {
  return party === HUMAN || party === ORCH
}

function isKeptReceipt(value: unknown): value is KeptReceipt {
  if (typeof value !== 'object' || value === null) return false
  const { to, deliveredAt, refused } = value as Readonly<Record<string, unknown>>
  return (
    typeof to === 'string' &&
    (deliveredAt === undefined || typeof deliveredAt === 'number') &&
    (refused === undefined || typeof refused === 'string')
  )
}
