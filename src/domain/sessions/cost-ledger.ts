import type { TokenUsage } from './session-event.ts'

/**
 * What a session's process spent, in tokens. Two records that check each other: the usage of every message, and the
 * agent's own running total per model. Messages are known at once but their output count is the one of the message's
 * beginning (measured on both supported versions); the total is right but comes only at a turn's end, and never after a kill.
 * Of each field the larger one counts, so that a replay, in any order, gives the same sum.
 */
export interface CostLedger {
  readonly messages: ReadonlyMap<string, LedgerEntry>
  readonly totals: ReadonlyMap<string, TokenUsage>
}

export interface LedgerEntry {
  readonly model: string
  readonly usage: TokenUsage
}

export const emptyLedger: CostLedger = { messages: new Map(), totals: new Map() }

/** The last usage of one message id wins. */
export function recordMessage(ledger: CostLedger, messageId: string, entry: LedgerEntry): CostLedger {
  const known = ledger.messages.get(messageId)
  if (known?.model === entry.model && isSame(known.usage, entry.usage)) return ledger
  return { ...ledger, messages: new Map(ledger.messages).set(messageId, entry) }
}

export function recordTotal(ledger: CostLedger, model: string, usage: TokenUsage): CostLedger {
  const known = ledger.totals.get(model)
  const larger = known === undefined ? usage : largerOf(known, usage)
  if (known !== undefined && isSame(known, larger)) return ledger
  return { ...ledger, totals: new Map(ledger.totals).set(model, larger) }
}

export function tokensByModel(ledger: CostLedger): ReadonlyMap<string, TokenUsage> {
  const sums = new Map<string, TokenUsage>()
  for (const { model, usage } of ledger.messages.values()) sums.set(model, sumOf(sums.get(model) ?? noTokens, usage))
  for (const [model, total] of ledger.totals) sums.set(model, largerOf(sums.get(model) ?? noTokens, total))
  return sums
}

export const noTokens: TokenUsage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 }

export function sumOf(a: TokenUsage, b: TokenUsage): TokenUsage {
  return combine(a, b, (x, y) => x + y)
}

function largerOf(a: TokenUsage, b: TokenUsage): TokenUsage {
  return combine(a, b, Math.max)
}

function combine(a: TokenUsage, b: TokenUsage, join: (x: number, y: number) => number): TokenUsage {
  return {
    inputTokens: join(a.inputTokens, b.inputTokens),
    outputTokens: join(a.outputTokens, b.outputTokens),
    cacheReadTokens: join(a.cacheReadTokens, b.cacheReadTokens),
    cacheCreationTokens: join(a.cacheCreationTokens, b.cacheCreationTokens),
  }
}

function isSame(a: TokenUsage, b: TokenUsage): boolean {
  return (
    a.inputTokens === b.inputTokens &&
    a.outputTokens === b.outputTokens &&
    a.cacheReadTokens === b.cacheReadTokens &&
    a.cacheCreationTokens === b.cacheCreationTokens
  )
}
