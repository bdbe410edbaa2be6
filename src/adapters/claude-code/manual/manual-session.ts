import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SessionEvent } from '../../../domain/sessions/session-event.ts'
import { Failure } from '../../../foundation/failure.ts'
import { onFolderChange } from '../../../platform/detached/shared-ticks.ts'
import type { AgentSession } from '../../../ports/agent.ts'
import { HookParser } from './parse-hook.ts'

const CHUNK_BYTES = 256 * 1024

/** A session in a person's own terminal, followed through what its hooks append. It is theirs: nothing here speaks to it or ends it. */
export class ManualSession implements AgentSession {
  readonly #file: string
  readonly #parser = new HookParser()
  readonly #events: SessionEvent[] = []
  readonly #listeners = new Set<(fresh: readonly SessionEvent[]) => void>()
  readonly #leave: () => void
  #reading: Promise<void> = Promise.resolve()
  #offset = 0
  #partial: Buffer = Buffer.alloc(0)

  constructor(file: string) {
    this.#file = file
    const look = (): void => void this.#look()
    this.#leave = onFolderChange(dirname(file), look)
    look()
  }

  get events(): readonly SessionEvent[] {
    return this.#events
  }

  onEvents(listener: (fresh: readonly SessionEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  send(): Promise<void> {
    return Promise.reject(theirs())
  }

  answer(): Promise<void> {
    return Promise.reject(theirs())
  }

  async interrupt(): Promise<void> {}

  async stop(): Promise<void> {}

  caughtUp(): Promise<void> {
    return this.#look()
  }

  detach(): void {
    this.#listeners.clear()
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
    if (fresh.length === 0) return
    this.#events.push(...fresh)
    for (const listener of this.#listeners) listener(fresh)
  }
}

export function theirs(): Failure {
  return new Failure('session-in-terminal', 'This session runs in a terminal of its own.', {
    safe: 'Nothing was sent.',
    next: 'Speak to it in its terminal.',
  })
}
