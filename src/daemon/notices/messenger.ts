import { deliveriesOf } from '../../domain/notices/delivery/deliveries.ts'
import { nextMessage, type NextMessage } from '../../domain/notices/delivery/next-message.ts'
import type { NoticeFact } from '../../domain/notices/notice-record.ts'
import { retryAt } from '../../domain/notices/delivery/retries.ts'
import { Failure } from '../../foundation/failure.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Notifier } from '../../ports/notifier.ts'
import type { NoticeBook } from './notice-book.ts'

export interface MessengerParts {
  readonly channel: string
  readonly book: NoticeBook
  readonly clock: Clock
  /** As the settings have it now; undefined where they no longer name it. */
  readonly notifier: () => Promise<Notifier | undefined>
  /** When the quiet hours are over, if it is quiet at that time. */
  readonly quietUntil: (now: number) => Promise<number | undefined>
  readonly newKey: () => string
  /** From 0 to 1. */
  readonly chance: () => number
  readonly logError: (error: unknown) => void
}

/** A clock that stood still while the machine slept is looked at again after this long. */
const LONGEST_WAIT_MS = 10 * 60_000
/** After a record that could not be written: there may be room by then. */
const AGAIN_MS = 60_000

/**
 * Tells the notices of one channel. That a message is asked for is on record before it is, and that it was told afterwards: who died in between asks
 * again, with the same key. It runs only while there is something to tell.
 */
export class Messenger {
  readonly #parts: MessengerParts
  readonly #closing = new AbortController()
  #changed = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #isAwake = false

  constructor(parts: MessengerParts) {
    this.#parts = parts
  }

  /** The record has changed. */
  wake(): void {
    this.#changed.abort()
    if (this.#isAwake || this.#closing.signal.aborted) return
    this.#isAwake = true
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      this.#changed = new AbortController()
      try {
        if ((await this.#step()) === 'at-rest' && !this.#changed.signal.aborted) break
      } catch (error) {
        if (!this.#closing.signal.aborted) this.#parts.logError(error)
        await this.#wait(this.#parts.clock.now() + AGAIN_MS)
      }
      if (this.#closing.signal.aborted) break
    }
    this.#isAwake = false
  }

  async #step(): Promise<'at-rest' | 'moved'> {
    const next = await this.#next()
    if (this.#closing.signal.aborted || next.kind === 'nothing') return 'at-rest'
    if (next.kind === 'wait') await this.#wait(next.until)
    if (next.kind === 'drop') await this.#record({ type: 'dropped', key: next.key })
    if (next.kind === 'tell') await this.#tell(next)
    return 'moved'
  }

  async #next(): Promise<NextMessage> {
    const { channel, book, clock, quietUntil } = this.#parts
    const { notices } = book.known
    const now = clock.now()
    const view = { channel, notices: notices.values(), record: deliveriesOf(book.lines, channel), now, quietUntil: undefined }
    const next = nextMessage(view)
    // Whoever has nothing to tell need not know what time of the day it is.
    return next.kind === 'tell' ? nextMessage({ ...view, notices: notices.values(), quietUntil: await quietUntil(now) }) : next
  }

  async #wait(until: number): Promise<void> {
    const { clock } = this.#parts
    const signal = AbortSignal.any([this.#changed.signal, this.#closing.signal])
    await clock.wait(Math.min(LONGEST_WAIT_MS, Math.max(0, until - clock.now())), signal).catch(() => undefined)
  }

  async #tell({ key: begun, ids }: Extract<NextMessage, { kind: 'tell' }>): Promise<void> {
    const { channel, book, clock, notifier, newKey } = this.#parts
    const key = begun ?? newKey()
    if (begun === undefined) await book.write([{ type: 'sending', channel, key, ids, at: clock.now() }])
    const notices = ids.flatMap((id) => book.known.notices.get(id)?.notice ?? [])
    try {
      const found = await notifier()
      if (found === undefined) throw new Failure('notify-refused', 'it is not configured any more')
      await found.tell({ key, notices }, this.#closing.signal)
    } catch (error) {
      // The next daemon asks again.
      if (this.#closing.signal.aborted) return
      return this.#failed(key, error)
    }
    await this.#record({ type: 'sent', key })
  }

  async #failed(key: string, error: unknown): Promise<void> {
    const { channel, book, clock, chance, logError } = this.#parts
    const [now, open] = [clock.now(), deliveriesOf(book.lines, channel).open]
    const failure = error instanceof Failure ? error : new Failure('notify-refused', String(error), { cause: error })
    const begun = { begunAt: open?.begunAt ?? now, failures: (open?.failures ?? 0) + 1, askedMs: askedMs(failure) }
    const at = failure.code === 'notify-later' ? retryAt(begun, now, chance()) : undefined
    if (at !== undefined) return book.write([{ type: 'retry', channel, key, at, reason: failure.message }])
    // A desktop that is not there is no news each time.
    if (failure.code === 'notify-later' || channel !== 'desktop')
      logError(new Error(`${channel} did not take a notice: ${failure.message}`))
    await this.#record({ type: 'given-up', key, reason: failure.message })
  }

  #record(
    fact:
      | { readonly type: 'sent' | 'dropped'; readonly key: string }
      | { readonly type: 'given-up'; readonly key: string; readonly reason: string },
  ): Promise<void> {
    const { channel, book, clock } = this.#parts
    const line: NoticeFact = { ...fact, channel, at: clock.now() }
    return book.write([line])
  }
}

function askedMs({ facts }: Failure): number | undefined {
  const asked = facts['afterMs']
  return typeof asked === 'number' ? asked : undefined
}
