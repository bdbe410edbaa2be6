import { appendFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { homeAt } from '../../../src/config/home.ts'
import { Messenger } from '../../../src/daemon/notices/messenger.ts'
import { NoticeBook } from '../../../src/daemon/notices/notice-book.ts'
import type { NoticeFact } from '../../../src/domain/notices/notice-record.ts'
import { ManualClock } from '../manual-clock.ts'
import { temporaryFolder } from '../temporary.ts'

interface Told {
  readonly key: string
  readonly ids: readonly string[]
  readonly at: number
  readonly isTaken: boolean
}

interface Death {
  readonly write: number
  readonly side: 'before' | 'after'
}

/** One channel over several lives of the daemon, whose other side takes what it is told or fails. */
export class MessengerScene {
  readonly clock = new ManualClock()
  readonly told: Told[] = []
  readonly errors: unknown[] = []
  fail: (() => Error | undefined) | undefined
  quiet: { readonly from: number; readonly to: number } | undefined
  readonly #channel: string
  readonly #home = homeAt(temporaryFolder())
  readonly #lives: Life[] = []
  #keys = 0

  constructor(channel = 'webhook:1') {
    this.#channel = channel
    onTestFinished(() => this.close())
  }

  /** What each message was about, also of those that were not taken. */
  messages(): readonly string[] {
    return this.told.map(({ ids }) => ids.join(' '))
  }

  async begin(death?: Death): Promise<Life> {
    const life = new Life(death)
    const book = new NoticeBook(this.#home, async (path, text) => life.write(() => appendFileSync(path, text)))
    const { clock } = this
    life.attach(
      book,
      clock,
      this.#channel,
      new Messenger({
        channel: this.#channel,
        book,
        clock,
        newKey: () => `key-${(this.#keys += 1)}`,
        chance: () => 1,
        quietUntil: async (now) => (this.quiet !== undefined && this.quiet.from <= now && now < this.quiet.to ? this.quiet.to : undefined),
        logError: (error) => void (life.isDead || this.errors.push(error)),
        notifier: async () => ({
          channel: this.#channel,
          tell: async ({ key, notices }) =>
            this.#take(
              life,
              key,
              notices.map(({ id }) => id),
            ),
        }),
      }),
    )
    this.#lives.push(life)
    await book.load()
    life.wake()
    return life
  }

  async close(): Promise<void> {
    for (const life of this.#lives) await life.close()
  }

  #take(life: Life, key: string, ids: readonly string[]): void {
    if (life.isDead) throw new Error('dead')
    const isFirst = this.told.push({ key, ids, at: this.clock.now(), isTaken: false }) - 1
    const failure = this.fail?.()
    if (failure !== undefined) throw failure
    this.told[isFirst] = { key, ids, at: this.clock.now(), isTaken: true }
  }
}

interface LifeParts {
  readonly book: NoticeBook
  readonly clock: ManualClock
  readonly channel: string
  readonly messenger: Messenger
}

/** Of the daemon: it may end at a write of its record. */
class Life {
  isDead = false
  readonly #death: Death | undefined
  #writes = 0
  #parts: LifeParts | undefined

  constructor(death: Death | undefined) {
    this.#death = death
  }

  attach(book: NoticeBook, clock: ManualClock, channel: string, messenger: Messenger): void {
    this.#parts = { book, clock, channel, messenger }
  }

  /** At once, so that a clock that is moved by hand waits for no disk. */
  write(write: () => void): void {
    this.#writes += 1
    const isFatal = this.#death?.write === this.#writes
    if (isFatal && this.#death?.side === 'before') this.isDead = true
    if (this.isDead) throw new Error('killed')
    write()
    if (!isFatal) return
    this.isDead = true
    throw new Error('killed')
  }

  wake(): void {
    this.#parts?.messenger.wake()
  }

  knows(id: string): boolean {
    return this.#parts?.book.known.notices.has(id) === true
  }

  /** `api:1` is about the task `api`; what ends with `!` is loud. */
  bring(...ids: readonly string[]): Promise<void> {
    const { clock, channel } = this.#require()
    return this.#record(
      ids.map((id) => ({
        type: 'notice',
        notice: {
          id,
          kind: 'failed',
          urgency: 'high',
          at: clock.now(),
          handle: `app.${id.split(':', 1)[0]}`,
          title: id,
          text: '',
          next: 'orch inbox',
        },
        to: [channel],
        isLoud: id.endsWith('!'),
        at: clock.now(),
      })),
    )
  }

  end(...ids: readonly string[]): Promise<void> {
    return this.#record([{ type: 'over', ids, why: 'settled' }])
  }

  again(...ids: readonly string[]): Promise<void> {
    return this.#record([{ type: 'again', ids }])
  }

  async close(): Promise<void> {
    await this.#parts?.messenger.close()
  }

  async #record(facts: readonly NoticeFact[]): Promise<void> {
    await this.#require().book.write(facts)
    this.wake()
    // What it does at once it has done.
    await new Promise((resolve) => setImmediate(resolve))
  }

  #require(): LifeParts {
    if (this.#parts === undefined) throw new Error('it has not begun')
    return this.#parts
  }
}
