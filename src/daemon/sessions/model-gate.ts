import type { ModelFailure, SessionEvent } from '../../domain/sessions/session-event.ts'
import { failureWords } from '../../domain/sessions/failure-words.ts'
import type { Clock } from '../../platform/clock.ts'
import type { BackOff, ModelGate as ModelGatePort } from '../../workflows/services.ts'

/** Waits up to this long are sat out; for longer ones the task gives its seat back. */
const SOON_MS = 1000
/** Sessions that go on after a back-off do so one after the other: the first finds out whether the model answers again. */
const SPACING_MS = 250
/** So long after a back-off they are still kept apart. */
const CAREFUL_MS = 60_000
const FIRST_WAIT_MS = 2000
const LONGEST_WAIT_MS = 5 * 60_000

/** What the provider says to one session holds for all; what only one conversation may be the cause of does not. */
const SHARED: ReadonlySet<ModelFailure> = new Set(['rate-limit', 'overloaded', 'connection'])

/**
 * One back-off for the whole fleet: when the provider tells one session to slow down, none begins a turn until then.
 * Running turns keep their own retries. It is rebuilt from the sessions' records after a restart.
 */
export class ModelGate implements ModelGatePort {
  readonly #clock: Clock
  #until = 0
  #reason = ''
  #lastEntry = 0
  /** How often in a row a session that was let through found the model still failing. */
  #failures = 0
  #failedAt = 0
  #seenAt = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(event: SessionEvent): void {
    this.#now()
    if (event.type === 'retrying' && (event.cause === 'rate-limit' || event.cause === 'overloaded')) {
      this.#close(event.at + event.delayMs, `the model answered ${failureWords(event.cause)}`)
    }
    if (event.type === 'limit') this.#close(event.resetsAt, 'usage limit reached')
    if (event.type === 'turn-ended' && event.outcome.kind === 'model-failed' && SHARED.has(event.outcome.cause))
      this.#fail(event.at, event.outcome.cause)
    if (event.type === 'usage' && event.at > this.#failedAt) this.#failures = 0
  }

  get backOff(): BackOff | undefined {
    return this.#until > this.#now() ? { until: this.#until, reason: this.#reason } : undefined
  }

  /** A clock that was set back takes what it is compared with along: nobody is held for longer than was said. */
  #now(): number {
    const now = this.#clock.now()
    const back = Math.max(0, this.#seenAt - now)
    this.#seenAt = now
    this.#until -= back
    this.#lastEntry -= back
    this.#failedAt -= back
    return now
  }

  async enter(signal: AbortSignal): Promise<BackOff | undefined> {
    for (;;) {
      const now = this.#now()
      if (this.#until - now > SOON_MS) return this.backOff
      const isCareful = now < this.#until + CAREFUL_MS
      const turn = isCareful ? Math.max(now, this.#until, this.#lastEntry + SPACING_MS) : now
      this.#lastEntry = turn
      if (turn > now) await this.#clock.wait(turn - now, signal)
      // The one before may have learned meanwhile that it is too early.
      if (this.#until <= this.#now()) return undefined
    }
  }

  /** Many sessions that fail together are one failure; the next is that of one that was let through after the wait. */
  #fail(at: number, cause: ModelFailure): void {
    if (at >= this.#until) {
      this.#failures += 1
      this.#failedAt = at
    }
    this.#close(
      at + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (Math.max(1, this.#failures) - 1)),
      `the model answered ${failureWords(cause)}`,
    )
  }

  #close(until: number, reason: string): void {
    if (until <= this.#until) return
    this.#until = until
    this.#reason = reason
  }
}
