import { appendFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { plainLine } from '../../foundation/text.ts'
import { withResolvers } from '../../foundation/with-resolvers.ts'
import { projectFolder, type Home } from '../../config/home.ts'
import type { Clock } from '../../platform/clock.ts'
import { ensurePrivateDirectory } from '../../platform/files.ts'
import type { Git, Repository } from '../../ports/git.ts'
import { StartPermits } from '../sessions/start-permits.ts'
import { madeBetween, objectionBefore, observeGround, type Ground, type GroundState } from './ground.ts'
import { isPlainInstall } from './plain-install.ts'
import { templateKey } from './template-key.ts'
import { sweepIncoming, TemplateStore } from './template-store.ts'

export interface TemplatesParts {
  readonly home: Home
  readonly git: Git
  readonly clock: Clock
}

/** `copied`: the set-up was not needed. */
export type Provided<T> = { readonly kind: 'copied'; readonly words: string } | { readonly kind: 'ran'; readonly made: T }

/** A set-up of which others wait to copy: `given-up` says nothing about how theirs would end. */
type Ending = 'kept' | 'not-kept' | 'given-up'

interface Wanted {
  readonly repository: Repository
  readonly state: GroundState
  readonly key: string
  readonly store: TemplateStore
}

/**
 * What a plain installation made in one worktree is kept as a template, and the next worktree in which it would make the same gets a copy.
 * Whatever goes wrong with that, the set-up runs as if there were none.
 */
export class Templates {
  readonly #parts: TemplatesParts
  readonly #stores = new Map<string, TemplateStore>()
  readonly #making = new Map<string, Promise<Ending>>()
  /** Keys whose outcome turned out to be good for one place only: nobody waits for those. */
  readonly #unfit = new Set<string>()
  readonly #permits = new StartPermits(availableParallelism())

  constructor(parts: TemplatesParts) {
    this.#parts = parts
  }

  /** Puts the dependencies there, by a copy or by `install`. One of the same key that is under way is waited for, as long as a set-up may take. */
  async provide<T>(ground: Ground, install: () => Promise<T>, hasPassed: (made: T) => boolean): Promise<Provided<T>> {
    const ran = async (): Promise<Provided<T>> => ({ kind: 'ran', made: await install() })
    const wanted = await this.#look(ground)
    if (wanted === undefined) return ran()
    const id = `${ground.project} ${wanted.key}`
    for (;;) {
      const copied = await this.#copy(ground, wanted)
      if (typeof copied === 'object') return copied
      if (copied === 'failed' || this.#unfit.has(id)) return ran()
      const making = this.#making.get(id)
      if (making === undefined) return this.#make(ground, wanted, install, hasPassed)
      await tell(ground, 'waits for the same set-up in another worktree')
      if ((await this.#ending(making, ground)) === 'not-kept') return ran()
    }
  }

  /** When no worktree of the project is left. */
  async removeAll(project: string): Promise<void> {
    await this.#storeOf(project).removeAll()
  }

  async #look(ground: Ground): Promise<Wanted | undefined> {
    if (ground.share.length === 0 || !isPlainInstall(ground.line)) return undefined
    try {
      const store = this.#storeOf(ground.project)
      await store.sweep()
      const repository = await this.#parts.git.open(ground.repository)
      const state = await observeGround(repository, ground.path)
      const keyed = await templateKey(repository, ground, state)
      if ('key' in keyed) await sweepIncoming(ground)
      const reason = 'reason' in keyed ? keyed.reason : objectionBefore(state, ground.share)
      if (reason !== undefined) await tell(ground, `the dependencies are not shared: ${reason}`)
      return reason === undefined && 'key' in keyed ? { repository, state, key: keyed.key, store } : undefined
    } catch (error) {
      await tell(ground, `the dependencies are not shared: ${wordsOf(error)}`)
      return undefined
    }
  }

  async #copy(ground: Ground, { key, store }: Wanted): Promise<{ kind: 'copied'; words: string } | 'absent' | 'failed'> {
    try {
      const isCopied = await this.#permitted(ground, () => store.copyInto(ground, key))
      if (!isCopied) return 'absent'
      const words = `copied from the template ${key.slice(0, 12)} instead of running ${plainLine(ground.line)}`
      await tell(ground, words)
      return { kind: 'copied', words }
    } catch (error) {
      await tell(ground, `the template ${key.slice(0, 12)} cannot be used: ${wordsOf(error)}`)
      return 'failed'
    }
  }

  async #make<T>(ground: Ground, wanted: Wanted, install: () => Promise<T>, hasPassed: (made: T) => boolean): Promise<Provided<T>> {
    const id = `${ground.project} ${wanted.key}`
    const { promise, resolve } = withResolvers<Ending>()
    this.#making.set(id, promise)
    let ending: Ending | undefined
    try {
      const made = await install()
      if (hasPassed(made)) ending = await this.#keep(ground, wanted, id)
      return { kind: 'ran', made }
    } finally {
      this.#making.delete(id)
      resolve(ending ?? (ground.signal.aborted ? 'given-up' : 'not-kept'))
    }
  }

  async #keep(ground: Ground, { repository, state, key, store }: Wanted, id: string): Promise<Ending> {
    try {
      const found = madeBetween(state, await observeGround(repository, ground.path), ground.share)
      const reason = 'reason' in found ? found.reason : await this.#permitted(ground, () => store.keep(ground, key, found.paths))
      if (reason !== undefined) this.#unfit.add(id)
      await tell(ground, reason === undefined ? `kept as the template ${key.slice(0, 12)}` : `not kept as a template: ${reason}`)
      return reason === undefined ? 'kept' : 'not-kept'
    } catch (error) {
      await tell(ground, `not kept as a template: ${wordsOf(error)}`)
      return 'not-kept'
    }
  }

  /** `not-kept` also when it takes too long, or nobody waits any more. */
  async #ending(making: Promise<Ending>, { timeoutMs, signal }: Ground): Promise<Ending> {
    const over = new AbortController()
    const late = this.#parts.clock.wait(timeoutMs, AbortSignal.any([signal, over.signal])).then(
      (): Ending => 'not-kept',
      (): Ending => 'not-kept',
    )
    return Promise.race([making, late]).finally(() => over.abort())
  }

  async #permitted<T>({ signal }: Ground, work: () => Promise<T>): Promise<T> {
    const release = await this.#permits.take(signal)
    try {
      return await work()
    } finally {
      release()
    }
  }

  #storeOf(project: string): TemplateStore {
    const store = this.#stores.get(project) ?? new TemplateStore(join(projectFolder(this.#parts.home, project), 'dependencies'))
    this.#stores.set(project, store)
    return store
  }
}

/** A full disk must not fail the set-up. */
async function tell({ log }: Ground, words: string): Promise<void> {
  try {
    await ensurePrivateDirectory(dirname(log))
    await appendFile(log, `orch: ${plainLine(words)}\n`, { mode: 0o600 })
  } catch {
    // What is lost is a line of the log.
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
