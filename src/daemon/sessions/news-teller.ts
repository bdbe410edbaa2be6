import { failureCode } from '../../foundation/failure.ts'
import type { Clock } from '../../platform/clock.ts'
import { EngineClosed } from '../../ports/engine.ts'
import type { News } from '../../workflows/news.ts'

export interface TellerParts {
  readonly clock: Clock
  readonly tell: (runId: string, news: News, key: string) => Promise<void>
  readonly logError: (error: unknown) => void
}

const TELL_AGAIN_MS = 1000

/** Tells runs what happens in their sessions, each piece until it is heard. */
export class NewsTeller {
  readonly #parts: TellerParts
  readonly #closing = new AbortController()

  constructor(parts: TellerParts) {
    this.#parts = parts
  }

  /** A full disk passes, and a run that never hears of its session's end would wait for ever. */
  async tellUntilHeard(runId: string, news: News, key: string): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        return await this.#parts.tell(runId, news, key)
      } catch (error) {
        this.#parts.logError(error)
        if (error instanceof EngineClosed || failureCode(error) === 'unknown-run') return
        await this.#parts.clock.wait(TELL_AGAIN_MS, signal).catch(() => undefined)
      }
    }
  }

  close(): void {
    this.#closing.abort()
  }
}

/** The news of one process, in order. */
export class NewsLine {
  readonly #teller: NewsTeller
  /** News told before anyone listened; a run that binds later gets them, under the same keys. */
  readonly #backlog: { news: News; key: string }[] = []
  #runId: string | undefined
  #isClosed = false
  #telling: Promise<void> = Promise.resolve()

  constructor(teller: NewsTeller) {
    this.#teller = teller
  }

  bind(runId: string): void {
    this.#runId = runId
    for (const { news, key } of this.#backlog.splice(0)) void this.#tell(runId, news, key)
  }

  async tell(news: News, key: string): Promise<void> {
    if (this.#runId === undefined || this.#isClosed) this.#backlog.push({ news, key })
    else await this.#tell(this.#runId, news, key)
  }

  /** What is being told is told to its end; nothing more after that. */
  close(): void {
    this.#isClosed = true
  }

  #tell(runId: string, news: News, key: string): Promise<void> {
    this.#telling = this.#telling.then(() => this.#teller.tellUntilHeard(runId, news, key))
    return this.#telling
  }
}
