/** Keeps what was used last, up to a total weight. */
export class Recent<T> {
  readonly #kept = new Map<string, T>()
  #weight = 0

  readonly #capacity: number
  readonly #weigh: (value: T) => number

  constructor(capacity: number, weigh: (value: T) => number) {
    this.#capacity = capacity
    this.#weigh = weigh
  }

  get(key: string): T | undefined {
    const found = this.#kept.get(key)
    if (found !== undefined) {
      this.#kept.delete(key)
      this.#kept.set(key, found)
    }
    return found
  }

  set(key: string, value: T): void {
    this.#drop(key)
    this.#kept.set(key, value)
    this.#weight += this.#weigh(value)
    for (const oldest of this.#kept.keys()) {
      if (this.#weight <= this.#capacity) break
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    const found = this.#kept.get(key)
    if (found === undefined) return
    this.#kept.delete(key)
    this.#weight -= this.#weigh(found)
  }
}
