import type { SessionEvent, TokenUsage } from '../../../domain/sessions/session-event.ts'
import type { ModelUsage, ResultLine } from './protocol.ts'

/**
 * `modelUsage` counts since the process began on older versions and since the conversation began on newer ones (which also say what came
 * since the last result). What a process before this one spent is in that process's record: it is taken off here.
 */
export class UsageTotals {
  #before: ModelUsage | undefined

  read({ modelUsage, model_usage_since_last_result: fresh }: ResultLine, at: number): SessionEvent[] {
    if (modelUsage === undefined) return []
    this.#before ??= fresh === undefined ? {} : subtract(modelUsage, fresh)
    return Object.entries(subtract(modelUsage, this.#before)).map(([name, usage]) => ({
      type: 'usage-total',
      at,
      // The same model is called `claude-opus-4-8[1m]` here and `claude-opus-4-8` in its messages.
      model: name.replace(/\[\w+\]$/, ''),
      usage: toTokens(usage),
    }))
  }
}

type Counts = ModelUsage[string]

const none: Counts = { inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 }

function subtract(from: ModelUsage, what: ModelUsage): ModelUsage {
  return Object.fromEntries(Object.entries(from).map(([name, counts]) => [name, difference(counts, what[name] ?? none)]))
}

function difference(a: Counts, b: Counts): Counts {
  return {
    inputTokens: Math.max(0, a.inputTokens - b.inputTokens),
    outputTokens: Math.max(0, a.outputTokens - b.outputTokens),
    cacheReadInputTokens: Math.max(0, a.cacheReadInputTokens - b.cacheReadInputTokens),
    cacheCreationInputTokens: Math.max(0, a.cacheCreationInputTokens - b.cacheCreationInputTokens),
  }
}

function toTokens(counts: Counts): TokenUsage {
  return {
    inputTokens: counts.inputTokens,
    outputTokens: counts.outputTokens,
    cacheReadTokens: counts.cacheReadInputTokens,
    cacheCreationTokens: counts.cacheCreationInputTokens,
  }
}
