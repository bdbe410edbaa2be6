import { withResolvers } from '../../foundation/with-resolvers.ts'

export interface Slot {
  /** From 1. */
  readonly number: number
  readonly release: () => void
}

interface Wanting {
  readonly project: string
  readonly count: number
  readonly prefer: readonly number[]
  readonly enter: (slot: Slot) => void
}

/** Who may test where: of each project so many at once as it has slots. In memory, for there is one daemon. */
export class Slots {
  readonly #busy = new Map<string, Set<number>>()
  readonly #waiting: Wanting[] = []

  /** Waits in line for one of the slots 1 to `count`; one of `prefer` if it is free. Rejects with the signal's reason. */
  async take(project: string, count: number, prefer: readonly number[], signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted()
    const turn = withResolvers<Slot>()
    const wanting: Wanting = { project, count, prefer, enter: turn.resolve }
    this.#waiting.push(wanting)
    const leave = (): void => {
      const index = this.#waiting.indexOf(wanting)
      if (index < 0) return // its turn has come already
      this.#waiting.splice(index, 1)
      turn.reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    this.#fill()
    return turn.promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** At once or not at all. */
  takeIfFree(project: string, number: number): Slot | undefined {
    return this.#busy.get(project)?.has(number) === true ? undefined : this.#occupy(project, number)
  }

  #fill(): void {
    for (const wanting of this.#waiting.slice()) {
      const number = this.#free(wanting)
      if (number === undefined) continue
      this.#waiting.splice(this.#waiting.indexOf(wanting), 1)
      wanting.enter(this.#occupy(wanting.project, number))
    }
  }

  #free({ project, count, prefer }: Wanting): number | undefined {
    const busy = this.#busy.get(project) ?? new Set()
    if (busy.size >= count) return undefined
    const all = Array.from({ length: count }, (_, index) => index + 1)
    return [...prefer.filter((number) => number <= count), ...all].find((number) => !busy.has(number))
  }

  #occupy(project: string, number: number): Slot {
    const busy = this.#busy.get(project) ?? new Set()
    this.#busy.set(project, busy.add(number))
    const release = (): void => {
      if (busy.delete(number)) this.#fill()
    }
    return { number, release }
  }
}
