import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createJournalEngine } from '../../src/adapters/journal/journal-engine.ts'
import { writeToDisk } from '../../src/adapters/journal/log.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { temporaryFolder } from './temporary.ts'

export interface LifeOptions {
  /** With the journal of an earlier life. */
  readonly folder?: string
  readonly clock?: Clock
  /** The life ends before this write of the journal, or right after it. */
  readonly death?: { readonly write: number; readonly side: 'before' | 'after' }
}

/** The engine on the real journal for one life of the daemon. The next one is another object, in the folder that this one has left behind. */
export class OneLife {
  readonly engine: Engine
  readonly died: Promise<void>
  readonly #folder: string
  readonly #death: LifeOptions['death']
  #isDead = false
  #writes = 0
  #markDead: () => void = () => undefined

  constructor({ folder = temporaryFolder(), clock = systemClock, death }: LifeOptions) {
    this.#folder = folder
    this.#death = death
    this.died = new Promise((resolve) => (this.#markDead = resolve))
    this.engine = createJournalEngine({
      folder: join(folder, 'journal'),
      clock,
      write: (file, bytes) => this.#write(() => writeToDisk(file, bytes)),
      retryWriteMs: 3_600_000,
      closeGraceMs: 1,
    })
    onTestFinished(() => this.engine.close())
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** What a death has cut short has not failed. */
  async begin(workflow: string): Promise<void> {
    await this.engine.launch()
    await this.engine.start(workflow, null, { id: 'run' }).catch((error: unknown) => {
      if (!this.#isDead) throw error
    })
  }

  /** Never comes back to one who is dead: nothing more has an effect. */
  async alive(): Promise<void> {
    if (this.#isDead) await new Promise<never>(() => undefined)
  }

  /** The journal as it is now, in a place of its own: what the next life finds. */
  leftBehind(): string {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'journal'))
    cpSync(join(this.#folder, 'journal', 'events.jsonl'), join(folder, 'journal', 'events.jsonl'))
    return folder
  }

  async #write(write: () => Promise<number>): Promise<number> {
    this.#writes += 1
    const isFatal = this.#death?.write === this.#writes
    if (isFatal && this.#death?.side === 'before') this.#kill()
    if (this.#isDead) throw new Error('killed')
    const written = await write()
    if (isFatal) this.#kill()
    return written
  }

  #kill(): void {
    this.#isDead = true
    this.#markDead()
  }
}
