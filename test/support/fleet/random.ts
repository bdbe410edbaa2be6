/** Reproducible: the same seed gives the same numbers (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }
}

/** The same in every run unless CRASH_SEED says which, or `random`; a test has it in its title, so that a failure says how to do the same again. */
export function crashSeed(): number {
  const { CRASH_SEED = '202611' } = process.env
  return CRASH_SEED === 'random' ? Math.floor(Math.random() * 1_000_000) : Number(CRASH_SEED)
}
