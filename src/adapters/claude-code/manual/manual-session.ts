import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { onFolderChange } from '../../../platform/detached/shared-ticks.ts'
import { HookParser } from './parse-hook.ts'
import { PersonsSession } from './persons-session.ts'

const CHUNK_BYTES = 256 * 1024

/** A session in a person's own terminal, followed through what its hooks append. It is theirs: nothing here speaks to it or ends it. */
export class ManualSession extends PersonsSession {
  readonly #file: string
  readonly #parser = new HookParser()
  readonly #leave: () => void
  #reading: Promise<void> = Promise.resolve()
  #offset = 0
  #partial: Buffer = Buffer.alloc(0)

  constructor(file: string) {
    super()
    this.#file = file
    const look = (): void => void this.#look()
    this.#leave = onFolderChange(dirname(file), look)
    look()
  }

  async stop(): Promise<void> {}

  caughtUp(): Promise<void> {
    return this.#look()
  }

  override detach(): void {
    super.detach()
    this.#leave()
  }

  #look(): Promise<void> {
    return (this.#reading = this.#reading.then(() => this.#read()).catch(() => undefined))
  }

  async #read(): Promise<void> {
    const file = await open(this.#file, 'r')
    try {
      for (;;) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.#offset)
        if (bytesRead === 0) return
        this.#offset += bytesRead
        this.#take(Buffer.concat([this.#partial, buffer.subarray(0, bytesRead)]))
      }
    } finally {
      await file.close()
    }
  }

  #take(bytes: Buffer): void {
    const end = bytes.lastIndexOf(0x0a) + 1
    this.#partial = bytes.subarray(end)
    const fresh = bytes
      .toString('utf8', 0, end)
      .split('\n')
      .flatMap((line) => (line === '' ? [] : this.#parser.parse(line)))
    this.tell(fresh)
  }
}
