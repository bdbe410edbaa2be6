import type { Conversation } from './conversation.ts'
import type { WrittenFailure, WrittenLimit } from './script/script-schema.ts'

/** What stands between this request and its answer. */
export type Hurdle =
  | { readonly kind: 'none' }
  | { readonly kind: 'failure'; readonly failure: WrittenFailure }
  | { readonly kind: 'limited' | 'warned'; readonly limit: WrittenLimit; readonly resetsAtMs: number }

/** The only memory of the server: how often a step failed in a session, and until when its limit holds. Lost at a restart, and nothing else is. */
export class ObstacleLedger {
  readonly failed = new Map<string, number>()
  readonly resetsAt = new Map<string, number>()
  everyone: { limit: WrittenLimit; resetsAtMs: number } | undefined
}

/** The first obstacle of the step that is not used up; counts it. */
export function chooseObstacle(ledger: ObstacleLedger, conversation: Conversation, now: number): Hurdle {
  if (ledger.everyone !== undefined && now < ledger.everyone.resetsAtMs) return { kind: 'limited', ...ledger.everyone }
  const { position } = conversation
  for (const [index, obstacle] of conversation.reply.obstacles.entries()) {
    const key = `${conversation.session} ${conversation.task ?? ''} ${position.turn}.${position.step} ${index}`
    if (obstacle.kind === 'failure') {
      const times = ledger.failed.get(key) ?? 0
      if (obstacle.failure.times !== 'always' && times >= obstacle.failure.times) continue
      ledger.failed.set(key, times + 1)
      return { kind: 'failure', failure: obstacle.failure }
    }
    const resetsAtMs = ledger.resetsAt.get(key) ?? now + obstacle.limit['resets-in']
    ledger.resetsAt.set(key, resetsAtMs)
    if (obstacle.limit.used < 1) return { kind: 'warned', limit: obstacle.limit, resetsAtMs }
    if (now >= resetsAtMs) continue
    if (obstacle.limit.everyone) ledger.everyone = { limit: obstacle.limit, resetsAtMs }
    return { kind: 'limited', limit: obstacle.limit, resetsAtMs }
  }
  return { kind: 'none' }
}
