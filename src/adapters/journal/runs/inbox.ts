import type { MessageEvent } from '../journal-event.ts'

/** The messages that no step took yet, given out to the waiting calls: first come, first served, per topic. */
export class Inbox {
  readonly #messages: MessageEvent[]
  readonly #waiters: Waiter[] = []

  constructor(messages: Iterable<MessageEvent>) {
    this.#messages = [...messages]
  }

  add(message: MessageEvent): void {
    const waiter = this.#waiters.find((each) => each.topic === message.topic && each.message === undefined)
    if (waiter === undefined) this.#messages.push(message)
    else this.#give(waiter, message)
  }

  wait(topic: string): Waiter {
    const waiter = new Waiter(topic)
    const index = this.#messages.findIndex((message) => message.topic === topic)
    const [message] = index < 0 ? [] : this.#messages.splice(index, 1)
    if (message === undefined) this.#waiters.push(waiter)
    else waiter.wake(message)
    return waiter
  }

  leave(waiter: Waiter): void {
    const index = this.#waiters.indexOf(waiter)
    if (index >= 0) this.#waiters.splice(index, 1)
  }

  /** Wakes every waiter without a message. */
  wakeAll(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.wake(undefined)
  }

  #give(waiter: Waiter, message: MessageEvent): void {
    this.leave(waiter)
    waiter.wake(message)
  }
}

export class Waiter {
  readonly topic: string
  message: MessageEvent | undefined
  readonly woken: Promise<void>
  #resolve: () => void = () => undefined

  constructor(topic: string) {
    this.topic = topic
    this.woken = new Promise((resolve) => (this.#resolve = resolve))
  }

  wake(message: MessageEvent | undefined): void {
    this.message = message
    this.#resolve()
  }
}
