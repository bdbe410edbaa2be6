import { withResolvers } from '../../foundation/with-resolvers.ts'

/**
 * Staggers agent starts: a start costs about half a second of a core, so only as many run at once as there are cores.
 * A permit comes back when the agent shows its first sign of life.
 */
export class StartPermits {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Rejects with the signal's reason when it is aborted before the turn comes. */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return this.#release()
    }
    const turn = withResolvers()
    const enter = (): void => turn.resolve()
    this.#waiting.push(enter)
    const leave = (): void => {
      const index = this.#waiting.indexOf(enter)
      if (index < 0) return // its turn has come already
      this.#waiting.splice(index, 1)
      turn.reject(signal?.reason)
    }
    signal?.addEventListener('abort', leave, { once: true })
    await turn.promise
    signal?.removeEventListener('abort', leave)
    return this.#release()
  }

  #release(): () => void {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
