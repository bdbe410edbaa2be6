/** Who may run now: a cap, the higher priority first, then the one that was started first. */
export class RunQueue<T extends QueuedRun> {
  #concurrency: number
  readonly #enter: (run: T) => void
  readonly #live = new Set<T>()
  #waiting: T[] = []

  constructor(concurrency: number, enter: (run: T) => void) {
    this.#concurrency = concurrency
    this.#enter = enter
  }

  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency
    this.#drain()
  }

  /** Runs that had begun before a crash come first: what they started may still be there. */
  add(run: T): void {
    const index = this.#waiting.findIndex((other) => goesBefore(run, other))
    this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, run)
    this.#drain()
  }

  /** The run left its place, or will never take one. */
  remove(run: T): void {
    this.#live.delete(run)
    this.#waiting = this.#waiting.filter((other) => other !== run)
    this.#drain()
  }

  #drain(): void {
    while (this.#live.size < this.#concurrency) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#live.add(next)
      this.#enter(next)
    }
  }
}

export interface QueuedRun {
  readonly state: { readonly priority: number; readonly hasBegun: boolean }
}

function goesBefore(a: QueuedRun, b: QueuedRun): boolean {
  if (a.state.hasBegun !== b.state.hasBegun) return a.state.hasBegun
  return a.state.priority > b.state.priority
}
