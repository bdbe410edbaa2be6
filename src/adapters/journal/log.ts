import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { isErrno } from '../../platform/errno.ts'
import { syncDirectory } from '../../platform/files.ts'
import { EngineClosed } from '../../ports/engine.ts'
import type { JournalEvent } from './journal-event.ts'
import { renderEvent } from './journal-event.ts'

/** Writes some of the bytes at the end of the file and says how many: the door to the disk, for tests of a full one. */
export type DiskWrite = (file: FileHandle, bytes: Uint8Array) => Promise<number>

export const writeToDisk: DiskWrite = async (file, bytes) => (await file.write(bytes)).bytesWritten

/**
 * The append-only file. All appends of a tick share one write and one fdatasync; `committed` is called for each
 * event in the order of the file, before its append resolves. A write that fails is cut away, so that
 * the next one starts at a line's beginning, and rejects its appends only.
 */
export class Log {
  readonly #path: string
  readonly #file: FileHandle
  readonly #write: DiskWrite
  readonly #committed: (event: JournalEvent) => void
  #size: number
  #pending: Append[] = []
  #flushing: Promise<void> | undefined
  #isClosed = false
  #mustCut = false

  private constructor(path: string, file: FileHandle, size: number, write: DiskWrite, committed: (event: JournalEvent) => void) {
    this.#path = path
    this.#file = file
    this.#size = size
    this.#write = write
    this.#committed = committed
  }

  static async open(path: string, size: number, write: DiskWrite, committed: (event: JournalEvent) => void): Promise<Log> {
    const file = await open(path, 'a', 0o600)
    await syncDirectory(dirname(path))
    return new Log(path, file, size, write, committed)
  }

  append(event: JournalEvent): Promise<void> {
    if (this.#isClosed) return Promise.reject(new EngineClosed('the journal is closed'))
    return new Promise((resolve, reject) => {
      this.#pending.push({ event, line: renderEvent(event), resolve, reject })
      this.#flushing ??= this.#flush()
    })
  }

  /** Writes what was appended, then lets go of the file. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#flushing
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    await nextTick()
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0)
      try {
        await this.#writeBatch(Buffer.from(batch.map((append) => append.line).join('')))
        for (const append of batch) this.#committed(append.event)
        for (const append of batch) append.resolve()
      } catch (error) {
        for (const append of batch) append.reject(error)
      }
      await nextTick()
    }
    this.#flushing = undefined
  }

  async #writeBatch(bytes: Buffer): Promise<void> {
    try {
      if (this.#mustCut) await this.#cut()
      this.#mustCut = true
      crashPoint('before')
      for (let done = 0; done < bytes.length;) done += await this.#write(this.#file, bytes.subarray(done))
      await this.#file.datasync()
      crashPoint('after')
      this.#size += bytes.length
      this.#mustCut = false
    } catch (error) {
      await this.#cut().catch(() => undefined) // else the next write cuts first
      throw this.#writeFailure(error)
    }
  }

  async #cut(): Promise<void> {
    await this.#file.truncate(this.#size)
    this.#mustCut = false
  }

  #writeFailure(cause: unknown): Failure {
    const isFull = isErrno(cause, 'ENOSPC', 'EDQUOT', 'EFBIG')
    return new Failure(
      isFull ? 'disk-full' : 'journal-write-failed',
      `${this.#path} cannot be written: ${isFull ? 'the disk is full' : 'the disk refused'}`,
      {
        facts: { path: this.#path },
        safe: 'Everything recorded so far is safe; running work waits and is recorded as soon as there is room.',
        next: isFull ? `Free some space on the disk of ${this.#path}.` : `Check the disk of ${this.#path}.`,
        cause,
      },
    )
  }
}

interface Append {
  readonly event: JournalEvent
  readonly line: string
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

let writes = 0

/** For crash tests: `ORCH_CRASH_AT_WRITE=3` kills this process before its third write, `3+` right after it. */
function crashPoint(side: 'before' | 'after'): void {
  const wanted = process.env.ORCH_CRASH_AT_WRITE
  if (wanted === undefined) return
  if (side === 'before') writes++
  if (wanted === (side === 'before' ? `${writes}` : `${writes}+`)) process.kill(process.pid, 'SIGKILL')
}
