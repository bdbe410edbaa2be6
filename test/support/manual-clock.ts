import type { Clock } from '../../src/platform/clock.ts'

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number
  readonly #sleepers = new Set<{ until: number; wake: () => void }>()

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  /** How many waits are pending. */
  get waiting(): number {
    return this.#sleepers.size
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      if (ms <= 0) return resolve()
      const stop = () => {
        this.#sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const sleeper = { until: this.#now + ms, wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  /** Moves time on, stopping at each wait that ends on the way, so that what it wakes can wait again. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.until)
      next.wake()
      await turn()
    }
    this.#now = end
    await turn()
  }

  /** A wall clock that was set: waits keep their remaining length. */
  jump(ms: number): void {
    this.#now += ms
    for (const sleeper of this.#sleepers) sleeper.until += ms
  }

  #next(end: number): { until: number; wake: () => void } | undefined {
    const due = [...this.#sleepers].filter((sleeper) => sleeper.until <= end)
    return due.sort((a, b) => a.until - b.until)[0]
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
