import { sumOf, noTokens, tokensByModel, type CostLedger } from './cost-ledger.ts'
import type { TokenUsage } from './session-event.ts'

/** US dollars by list price. An unknown model is counted like an Opus, as Claude Code itself does: better too much than a budget that never bites. */
export function costUsd(ledger: CostLedger): number {
  let sum = 0
  for (const [model, usage] of tokensByModel(ledger)) sum += nanoDollars(model, usage)
  return sum / 1e9
}

export function priceOf(model: string, usage: TokenUsage): number {
  return nanoDollars(model, usage) / 1e9
}

/** A whole number, as every price per token is: sums are exact, whatever their order. */
function nanoDollars(model: string, usage: TokenUsage): number {
  const price = prices.find(({ family }) => family.test(model)) ?? fallback
  return Math.round(
    1000 *
      (usage.inputTokens * price.input +
        usage.outputTokens * price.output +
        usage.cacheReadTokens * price.cacheRead +
        usage.cacheCreationTokens * price.cacheWrite),
  )
}

export function totalTokens(ledger: CostLedger): TokenUsage {
  return [...tokensByModel(ledger).values()].reduce(sumOf, noTokens)
}

interface Price {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

const fallback: Price = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 }

// Dollars per million tokens; the first family that fits counts. The numbers of generation 5 and of Opus 4.8 are those that
// the supported binaries themselves report for a known usage; the older ones are the public list.
const prices: readonly ({ readonly family: RegExp } & Price)[] = [
  { family: /opus-5/, input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 },
  { family: /sonnet-5-5/, input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  { family: /haiku-5/, input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 },
  { family: /opus-4-[5-9]/, ...fallback },
  { family: /opus-(?:4|3)|3-opus/, input: 15, output: 75, cacheRead: 1.5, cacheWrite: 18.75 },
  { family: /sonnet/, input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  { family: /haiku-4/, input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
  { family: /haiku/, input: 0.8, output: 4, cacheRead: 0.08, cacheWrite: 1 },
]
