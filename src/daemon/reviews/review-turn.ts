import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { ModelFailure, SessionEvent, TurnOutcome } from '../../domain/sessions/session-event.ts'
import { failureWords } from '../../domain/sessions/failure-words.ts'
import type { Clock } from '../../platform/clock.ts'
import type { AgentSession } from '../../ports/agent.ts'

/** How a message to a reviewing session ended. */
export type TurnEnd = TurnOutcome | { readonly kind: 'exited' } | { readonly kind: 'silent' }

export interface Watch {
  readonly clock: Clock
  readonly silenceMs: number
  readonly signal: AbortSignal
}

/** Resolves when the turn of this message is over, the process has ended, or it has said nothing for too long; rejects with the signal's reason. */
export async function untilTurnEnds(session: AgentSession, messageId: string, watch: Watch): Promise<TurnEnd> {
  for (;;) {
    const fresh = withResolvers<'fresh'>()
    const quiet = new AbortController()
    const forget = session.onEvents(() => fresh.resolve('fresh'))
    try {
      const end = outcomeOf(session.events, messageId)
      if (end !== undefined) return end
      const silent = watch.clock.wait(watch.silenceMs, AbortSignal.any([watch.signal, quiet.signal])).then(() => 'silent' as const)
      if ((await Promise.race([fresh.promise, silent])) === 'silent') return { kind: 'silent' }
      silent.catch(() => undefined)
    } finally {
      forget()
      quiet.abort()
    }
  }
}

/** Undefined while it goes on. */
export function outcomeOf(events: readonly SessionEvent[], messageId: string): TurnOutcome | { readonly kind: 'exited' } | undefined {
  const heard = events.findIndex((event) => event.type === 'message-received' && event.messageId === messageId)
  const end = heard < 0 ? undefined : events.slice(heard).find((event) => event.type === 'turn-ended')
  if (end !== undefined) return end.outcome
  return events.some(({ type }) => type === 'exited') ? { kind: 'exited' } : undefined
}

type Unfinished = Exclude<TurnEnd, { kind: 'completed' }>

/** What another try, or waiting, does not mend. */
const HOPELESS: ReadonlySet<ModelFailure> = new Set(['authentication', 'billing', 'prompt-too-long', 'model-not-found'])
/** The whole fleet waits these out. */
const SHARED: ReadonlySet<ModelFailure> = new Set(['rate-limit', 'overloaded', 'connection'])

/** `again`: as often as it takes, for the fleet's back-off is in between. `death`: some times. */
export function prospectOf(end: Unfinished): 'again' | 'death' | 'hopeless' {
  switch (end.kind) {
    case 'model-failed':
      return HOPELESS.has(end.cause) ? 'hopeless' : SHARED.has(end.cause) ? 'again' : 'death'
    case 'usage-limit':
      return end.resetsAt === undefined ? 'death' : 'again'
    case 'budget-exhausted':
    case 'too-many-turns':
      return 'hopeless'
    case 'interrupted':
    case 'suspect':
    case 'exited':
    case 'silent':
      return 'death'
  }
}

export function endWords(end: Unfinished): string {
  switch (end.kind) {
    case 'model-failed':
      return `the model answered ${failureWords(end.cause)}`
    case 'usage-limit':
      return 'the usage limit is reached'
    case 'budget-exhausted':
      return 'its budget is used up'
    case 'too-many-turns':
      return 'it took too many steps'
    case 'interrupted':
      return 'its turn was interrupted'
    case 'suspect':
      return 'its answer was cut off'
    case 'exited':
      return 'its process ended before it answered'
    case 'silent':
      return 'it said nothing for too long'
  }
}
