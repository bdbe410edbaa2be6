interface CapturedOutput {
  /** Decoded; when bytes were cut it says so in between. */
  readonly text: string
  readonly bytes: Buffer
  readonly cutBytes: number
}

/** Keeps the beginning and the end of a stream: the first error and the summary are where readers look. */
export class BoundedOutput {
  readonly #half: number
  readonly #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #cutBytes = 0

  constructor(maxBytes: number) {
    this.#half = Math.max(1, Math.floor(maxBytes / 2))
  }

  push(chunk: Buffer): void {
    const forHead = chunk.subarray(0, this.#half - this.#headBytes)
    if (forHead.length > 0) this.#head.push(forHead)
    this.#headBytes += forHead.length
    const rest = chunk.subarray(forHead.length)
    if (rest.length === 0) return
    this.#tail.push(rest)
    this.#tailBytes += rest.length
    // Cutting at twice the size keeps the copying linear.
    if (this.#tailBytes > 2 * this.#half) this.#cutTail()
  }

  take(): CapturedOutput {
    if (this.#tailBytes > this.#half) this.#cutTail()
    const head = Buffer.concat(this.#head)
    const tail = Buffer.concat(this.#tail)
    const bytes = Buffer.concat([head, tail])
    if (this.#cutBytes === 0) return { text: bytes.toString('utf8'), bytes, cutBytes: 0 }
    return { text: `${head.toString('utf8')}\n… ${this.#cutBytes} bytes cut …\n${tail.toString('utf8')}`, bytes, cutBytes: this.#cutBytes }
  }

  #cutTail(): void {
    const all = Buffer.concat(this.#tail)
    const kept = Buffer.from(all.subarray(all.length - this.#half))
    this.#cutBytes += all.length - kept.length
    this.#tail = [kept]
    this.#tailBytes = kept.length
  }
}
