import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

export interface RecordReader {
  /** Something may have been appended. */
  wake(): void
  /** Resolves when all that is there now has been given. */
  catchUp(): Promise<void>
  /** Reads what is left, an unfinished last line too; the record does not grow any more. */
  finish(): Promise<void>
  close(): void
}

/** Reads a growing file of lines. Batches are given asynchronously. */
export function readRecord(folder: string, now: () => number, onLines: (lines: readonly string[], at: number) => void): RecordReader {
  const reading = new Reading(folder, now, onLines)
  reading.wake()
  return reading
}

const chunkBytes = 256 * 1024
/** Shared by all readers: it is empty again before anybody else can run. */
const scratch = Buffer.allocUnsafe(chunkBytes)
/** A longer line is cut to its beginning, so that one line cannot take all memory. */
const longestLineBytes = 16 * 1024 * 1024
const keptOfCutLine = 4096

class Reading implements RecordReader {
  readonly #path: string
  readonly #times: SeenTimes
  readonly #onLines: (lines: readonly string[], at: number) => void
  #fd: number | undefined
  #offset = 0
  #partial: Buffer[] = []
  #partialBytes = 0
  #cutBytes = 0
  #isWoken = false
  #isClosed = false
  #running: Promise<void> | undefined

  constructor(folder: string, now: () => number, onLines: (lines: readonly string[], at: number) => void) {
    this.#path = join(folder, 'out.jsonl')
    this.#times = new SeenTimes(join(folder, 'out.times'), now)
    this.#onLines = onLines
  }

  wake(): void {
    if (this.#running === undefined && this.#fd !== undefined && fstatSync(this.#fd).size <= this.#offset) return
    this.#isWoken = true
    this.#running ??= this.#run()
  }

  async catchUp(): Promise<void> {
    this.wake()
    await this.#running
  }

  async finish(): Promise<void> {
    await this.catchUp()
    if (!this.#isClosed && this.#partialBytes > 0) this.#deliver(this.#takePartial(), this.#offset)
    this.close()
  }

  close(): void {
    this.#isClosed = true
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWoken) {
        this.#isWoken = false
        do await new Promise<void>((resolve) => setImmediate(resolve))
        while (!this.#isClosed && this.#readChunk())
      }
    } finally {
      this.#running = undefined // also when a listener threw: the next look reads on
    }
  }

  /** Answers whether there may be more. One chunk a turn of the loop: a burst of one session does not hold up the others. */
  #readChunk(): boolean {
    if (!this.#open()) return false
    const count = readSync(this.#fd ?? -1, scratch, 0, chunkBytes, this.#offset)
    this.#offset += count
    this.#split(scratch.subarray(0, count))
    return count === chunkBytes
  }

  #open(): boolean {
    try {
      this.#fd ??= openSync(this.#path, 'r')
      return true
    } catch {
      return false // not there yet
    }
  }

  #split(chunk: Buffer): void {
    const first = chunk.indexOf(0x0a) + 1
    if (first === 0) return this.#keep(chunk)
    const start = this.#offset - chunk.length
    const end = chunk.lastIndexOf(0x0a) + 1
    const from = this.#partialBytes > 0 ? first : 0
    if (from > 0) {
      this.#keep(chunk.subarray(0, first))
      this.#deliver(this.#takePartial(), start + first)
    }
    if (end > from) this.#deliver(chunk.subarray(from, end), start + end)
    this.#keep(chunk.subarray(end))
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#partialBytes += bytes.length
    if (this.#cutBytes === 0) this.#partial.push(Buffer.from(bytes))
    if (this.#partialBytes <= longestLineBytes) return
    if (this.#cutBytes === 0) this.#partial = [Buffer.from(Buffer.concat(this.#partial).subarray(0, keptOfCutLine))]
    this.#cutBytes = this.#partialBytes - keptOfCutLine
  }

  #takePartial(): Buffer {
    const note = this.#cutBytes > 0 ? [Buffer.from(` …[${this.#cutBytes} bytes cut]`)] : []
    const whole = Buffer.concat([...this.#partial, ...note])
    this.#partial = []
    this.#partialBytes = this.#cutBytes = 0
    return whole
  }

  /** `bytes` are whole lines that end at offset `end` of the record. */
  #deliver(bytes: Buffer, end: number): void {
    let from = 0
    for (const { until, at } of this.#times.cover(end - bytes.length, end)) {
      const to = Math.min(bytes.length, bytes.length - (end - until))
      const lines = bytes
        .toString('utf8', from, to)
        .split('\n')
        .filter((line) => line !== '')
      if (lines.length > 0 && !this.#isClosed) this.#onLines(lines, at)
      from = to
    }
  }
}

/**
 * When which part of the record was first seen, kept in a file beside it, because an agent's lines need not carry a time and a replay must give the same one.
 * Every reader appends `<offset> <milliseconds>`, then takes what the file says: in its order, the first entry that covers an offset counts, so all readers agree.
 */
class SeenTimes {
  readonly #path: string
  readonly #now: () => number
  readonly #entries: { readonly until: number; readonly at: number }[] = []
  #read = 0
  #next = 0

  constructor(path: string, now: () => number) {
    this.#path = path
    this.#now = now
  }

  /** The pieces of `start`..`end`, each with its time. Calls go forward through the record. */
  *cover(start: number, end: number): Generator<{ readonly until: number; readonly at: number }> {
    if (this.#covered() < end) this.#load()
    if (this.#covered() < end) this.#append(end)
    for (let at = start; at < end;) {
      const entry = this.#entries[this.#next]
      if (entry === undefined) return
      if (entry.until > at) yield { until: Math.min(entry.until, end), at: entry.at }
      at = Math.max(at, Math.min(entry.until, end))
      if (entry.until <= end) this.#next++
    }
  }

  #covered(): number {
    return this.#entries.at(-1)?.until ?? 0
  }

  #append(until: number): void {
    const at = this.#now()
    try {
      appendFileSync(this.#path, `${until} ${at}\n`, { mode: 0o600 })
      this.#load()
    } catch {
      // A full disk costs the exact time of a replay, never the line.
    }
    if (this.#covered() < until) this.#entries.push({ until, at })
  }

  #load(): void {
    let text: string
    try {
      text = readFrom(this.#path, this.#read)
    } catch {
      return // not there yet
    }
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    this.#read += whole.length
    for (const line of whole.split('\n')) {
      const [, until = 0, at = 0] = entryLine.exec(line)?.map(Number) ?? []
      if (until > this.#covered()) this.#entries.push({ until, at })
    }
  }
}

/** A full disk may cut a line short, and the next one is then written on from there: thirteen digits are the milliseconds of our times. */
const entryLine = /^(\d+) (\d{13})$/

function readFrom(path: string, offset: number): string {
  const fd = openSync(path, 'r')
  try {
    const parts: Buffer[] = []
    for (let at = offset; ;) {
      const part = Buffer.allocUnsafe(64 * 1024)
      const count = readSync(fd, part, 0, part.length, at)
      if (count === 0) return Buffer.concat(parts).toString('latin1')
      parts.push(part.subarray(0, count))
      at += count
    }
  } finally {
    closeSync(fd)
  }
}
