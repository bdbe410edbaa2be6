import { Messenger, type MessengerParts } from './messenger.ts'
import type { NoticeBook } from './notice-book.ts'

/** Clients that have a terminal tell it themselves. */
const TOLD_ELSEWHERE = 'terminal'

/** One for each channel that has something to tell. */
export class Messengers {
  readonly #book: NoticeBook
  readonly #make: (channel: string) => MessengerParts
  readonly #messengers = new Map<string, Messenger>()

  constructor(book: NoticeBook, make: (channel: string) => MessengerParts) {
    this.#book = book
    this.#make = make
  }

  wake(): void {
    for (const channel of new Set([...this.#book.known.notices.values()].flatMap(({ to }) => to))) {
      if (channel !== TOLD_ELSEWHERE && !this.#messengers.has(channel)) this.#messengers.set(channel, new Messenger(this.#make(channel)))
    }
    for (const messenger of this.#messengers.values()) messenger.wake()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#messengers.values()].map((messenger) => messenger.close()))
  }
}
