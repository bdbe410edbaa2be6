/**
 * Hands recorded results to a body in the order of the journal, one per turn of the event loop. Live and in a
 * replay the body thus makes its next calls in the same order, so that their positions agree even
 * when several branches run side by side.
 */
export class Delivery {
  readonly #recorded: number[]
  readonly #expected = new Map<number, { resolve: () => void; reject: (reason: unknown) => void }>()
  #isTurning = false

  /** `recorded`: the positions that the journal already holds, in its order. */
  constructor(recorded: Iterable<number>) {
    this.#recorded = [...recorded]
  }

  /** Resolves when the result at this position is recorded and its turn has come. */
  expect(seq: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#expected.set(seq, { resolve, reject })
      this.#turn()
    })
  }

  recorded(seq: number): void {
    this.#recorded.push(seq)
    this.#turn()
  }

  reject(seq: number, reason: unknown): void {
    this.#expected.get(seq)?.reject(reason)
    this.#expected.delete(seq)
  }

  #turn(): void {
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(() => this.#deliverNext())
  }

  #deliverNext(): void {
    this.#isTurning = false
    // A record whose call did not come yet belongs to a body that changed; its name check speaks, a hang would not.
    const index = this.#recorded.findIndex((seq) => this.#expected.has(seq))
    if (index < 0) return
    const [seq = -1] = this.#recorded.splice(index, 1)
    this.#expected.get(seq)?.resolve()
    this.#expected.delete(seq)
    this.#turn()
  }
}
