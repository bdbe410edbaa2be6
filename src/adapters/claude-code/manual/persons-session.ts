import type { SessionEvent } from '../../../domain/sessions/session-event.ts'
import { Failure } from '../../../foundation/failure.ts'
import type { AgentSession } from '../../../ports/agent.ts'

/** A session in a person's own terminal: it is heard, and only they speak to it. */
export abstract class PersonsSession implements AgentSession {
  readonly #events: SessionEvent[] = []
  readonly #listeners = new Set<(fresh: readonly SessionEvent[]) => void>()

  abstract stop(): Promise<void>
  abstract caughtUp(): Promise<void>

  get events(): readonly SessionEvent[] {
    return this.#events
  }

  onEvents(listener: (fresh: readonly SessionEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  send(): Promise<void> {
    return Promise.reject(theirs())
  }

  answer(): Promise<void> {
    return Promise.reject(theirs())
  }

  /** Its person does. */
  async interrupt(): Promise<void> {}

  detach(): void {
    this.#listeners.clear()
  }

  protected tell(fresh: readonly SessionEvent[]): void {
    if (fresh.length === 0) return
    this.#events.push(...fresh)
    for (const listener of this.#listeners) listener(fresh)
  }
}

function theirs(): Failure {
  return new Failure('session-in-terminal', 'This session runs in a terminal of its own.', {
    safe: 'Nothing was sent.',
    next: 'Speak to it in its terminal.',
  })
}
