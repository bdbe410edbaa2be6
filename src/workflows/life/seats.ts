import type { Run } from '../../ports/engine.ts'
import type { Halt, Mailbox } from './mailbox.ts'

export interface SeatParts {
  readonly run: Run
  readonly priority: number
  readonly mailbox: Mailbox
  /** The same at every replay. */
  readonly nextNumber: () => number
}

/** The places that a task holds or queues for: a live session. */
export class Seats {
  readonly #parts: SeatParts
  readonly #seats = new Map<string, { id: string; isOurs: boolean; ended: Promise<unknown> }>()

  constructor(parts: SeatParts) {
    this.#parts = parts
  }

  /** Queues for a seat; news `seat` with this id says that it is ours. */
  request(queue: string): string {
    const held = this.#seats.get(queue)
    if (held !== undefined) return held.id
    const { run, priority, nextNumber } = this.#parts
    const id = `${run.id}/seat.${nextNumber()}`
    const ended = run.call('seat', { holder: run.id }, { id, queue, priority })
    ended.catch(() => undefined) // its failure shows where the seat is given back
    this.#seats.set(queue, { id, isOurs: false, ended })
    return id
  }

  /** The news said that this seat is held now. */
  note(id: string): void {
    for (const seat of this.#seats.values()) seat.isOurs ||= seat.id === id
  }

  /** Undefined when the seat is ours; a person's word ends the wait. Other news is kept for later, in order. */
  async take(queue: string): Promise<Halt | undefined> {
    const { mailbox } = this.#parts
    const id = this.request(queue)
    for (;;) {
      const halt = mailbox.takeHalt()
      if (halt !== undefined) return halt
      const news = await mailbox.receive()
      if (news?.kind === 'seat' && news.seat === id) return undefined
      if (news !== undefined) mailbox.defer(news)
    }
  }

  async release(queue: string): Promise<void> {
    const seat = this.#seats.get(queue)
    if (seat === undefined) return
    this.#seats.delete(queue)
    await this.#parts.run.send(seat.id, 'release', null)
    // One that still waits in the queue ends when its turn comes; nobody waits for that.
    if (seat.isOurs) await seat.ended
  }

  async releaseAll(): Promise<void> {
    for (const queue of this.#seats.keys()) await this.release(queue)
  }
}
