import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createJournalEngine } from '../../src/adapters/journal/journal-engine.ts'
import { writeToDisk } from '../../src/adapters/journal/log.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { temporaryFolder } from './temporary.ts'

/** The engine on one journal, over several lives: each ends by kill -9, as far as the journal can tell. */
export class MortalEngine {
  readonly #clock: Clock
  readonly #folder = join(temporaryFolder(), 'journal')
  #engine: Engine | undefined
  #isDead = false

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
    onTestFinished(() => this.#engine?.close())
  }

  /** The next life, which dies at the n-th write to the journal from now on. `define`: what it can run, and its queues. */
  async launch(dieAtWrite: number, define: (engine: Engine) => void): Promise<Engine> {
    let writes = 0
    this.#isDead = false
    const engine = createJournalEngine({
      folder: this.#folder,
      clock: this.#clock,
      write: (file, bytes) => {
        writes += 1
        this.#isDead ||= writes >= dieAtWrite
        return this.#isDead ? Promise.reject(new Error('dead')) : writeToDisk(file, bytes)
      },
    })
    this.#engine = engine
    define(engine)
    await engine.launch()
    return engine
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Undefined before the first life and after a death that was asked for. */
  get engine(): Engine | undefined {
    return this.#engine
  }

  get live(): Engine {
    if (this.#engine === undefined) throw new Error('the engine is dead')
    return this.#engine
  }

  /** What a death has cut short has not failed. */
  async quietly(effect: Promise<unknown>): Promise<void> {
    await effect.catch((error: unknown) => {
      if (!this.#isDead) throw error
    })
  }

  async die(): Promise<void> {
    this.#isDead = true
    await this.#engine?.close()
    this.#engine = undefined
  }
}
