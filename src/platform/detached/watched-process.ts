import type { FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { SessionExit } from '../../domain/sessions/session-event.ts'
import { Failure } from '../../foundation/failure.ts'
import { DetachedInput } from './input.ts'
import type { DetachedProcess, DetachedState } from '../detached-process.ts'
import { readRecord } from './record.ts'
import type { RecordReader } from './record.ts'
import { endDetached } from './stop.ts'
import { reapMarked } from '../environments/marked-processes.ts'
import { isSameProcess, mayExist } from '../process-identity.ts'
import { loadAgent, loadExit, loadReapedAt, recordReaped } from './session-folder.ts'
import type { WrapperRecord } from './session-folder.ts'
import { onTick, watchFolder } from './shared-ticks.ts'

/** For a change that watching the folder missed. */
const ticksPerLook = 8
/** A pid may be used again: every so many ticks we look at whose it is, not only whether it is used. That is not free, with 50 sessions even less so. */
const ticksPerIdentityCheck = process.platform === 'linux' ? 5 : 15

/**
 * Follows one session's folder. What it says is derived from the files and the process table only, so two followers agree; `exited` is said
 * when nothing of the session is left, never because something could not be found out.
 */
export class WatchedProcess implements DetachedProcess {
  readonly folder: string
  readonly marker: string
  readonly startedAt: number
  readonly started: Promise<void>
  readonly #wrapper: WrapperRecord
  readonly #now: () => number
  readonly #input: DetachedInput
  readonly #gone = new AbortController()
  readonly #readers = new Set<RecordReader>()
  readonly #exitListeners = new Set<(exit: SessionExit, at: number) => void>()
  #state: DetachedState = { kind: 'starting' }
  #exitedAt = 0
  #isDetached = false
  #concluding: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #markStarted: () => void = () => {}
  #watcher: FSWatcher | undefined
  #leaveTicks: () => void = () => {}
  #lookScheduled = false

  constructor(folder: string, wrapper: WrapperRecord, now: () => number) {
    this.folder = folder
    this.marker = wrapper.marker
    this.startedAt = wrapper.launchedAt
    this.#wrapper = wrapper
    this.#now = now
    this.#input = new DetachedInput(join(folder, 'in'))
    this.started = new Promise((resolve) => (this.#markStarted = resolve))
    this.#follow()
  }

  state(): DetachedState {
    if (!this.#isDetached) this.#look()
    return this.#state
  }

  readLines(onLines: (lines: readonly string[], at: number) => void): () => void {
    const reader = readRecord(this.folder, this.#now, onLines)
    this.#readers.add(reader)
    if (this.#state.kind === 'exited') void reader.finish()
    return () => {
      this.#readers.delete(reader)
      reader.close()
    }
  }

  async caughtUp(): Promise<void> {
    await this.#lookForEnd()
    await Promise.all([...this.#readers].map((reader) => reader.catchUp()))
  }

  onExit(listener: (exit: SessionExit, at: number) => void): () => void {
    this.#exitListeners.add(listener)
    if (this.#state.kind === 'exited') void this.#announce([listener])
    return () => void this.#exitListeners.delete(listener)
  }

  async write(line: string): Promise<void> {
    await this.started
    if (this.#state.kind !== 'running') throw new Failure('session-gone', 'The session has ended; nothing reads its input any more.')
    await this.#input.write(`${line}\n`, this.#gone.signal)
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#state.kind === 'exited') return
    this.#stopping ??= endDetached(this.folder, this.#wrapper, graceMs).finally(() => (this.#stopping = undefined))
    await this.#stopping
    await this.#lookForEnd()
  }

  detach(): void {
    this.#isDetached = true
    this.#unfollow()
    for (const reader of this.#readers) reader.close()
    this.#readers.clear()
    this.#exitListeners.clear()
    this.#gone.abort()
    this.#markStarted()
  }

  #follow(): void {
    this.#leaveTicks = onTick((tick) => this.#onTick(tick))
    this.#watcher = watchFolder(this.folder, () => this.#scheduleLook())
    this.#look()
    void this.#checkWrapper()
  }

  #unfollow(): void {
    this.#leaveTicks()
    this.#watcher?.close()
  }

  #scheduleLook(): void {
    if (this.#lookScheduled || this.#isDetached) return
    this.#lookScheduled = true
    setImmediate(() => {
      this.#lookScheduled = false
      if (!this.#isDetached) this.#look()
    })
  }

  #onTick(tick: number): void {
    const turn = tick + this.#wrapper.pid
    if (turn % ticksPerLook === 0 || this.#watcher === undefined) this.#look()
    if (turn % ticksPerIdentityCheck === 0 || !mayExist(this.#wrapper.pid)) void this.#checkWrapper()
  }

  #look(): void {
    for (const reader of this.#readers) reader.wake()
    if (this.#state.kind === 'exited') return
    const exit = loadExit(this.folder)
    if (exit !== undefined) return this.#conclude({ kind: 'code', code: exit.code })
    if (this.#state.kind === 'running') return
    const agent = loadAgent(this.folder)
    if (agent === undefined) return
    this.#state = { kind: 'running', pid: agent.pid, startedAt: this.startedAt }
    this.#markStarted()
  }

  /** The wrapper may have written its file and not have ended yet. */
  async #lookForEnd(): Promise<void> {
    if (this.#isDetached) return
    this.#look()
    await this.#checkWrapper()
    await this.#concluding
  }

  /** The exit file is looked for once more after the wrapper was found gone: it may have been written in between. */
  async #checkWrapper(): Promise<void> {
    if (this.#state.kind === 'exited' || (await isSameProcess(this.#wrapper)) !== 'dead') return
    if (this.#isDetached) return
    this.#look()
    if (this.#concluding === undefined) this.#conclude({ kind: 'lost' })
  }

  #conclude(exit: SessionExit): void {
    if (this.#isDetached) return
    this.#concluding ??= this.#reapAndConclude(exit).catch(() => {
      // Something does not die yet: what is left is tried again at the next tick, and nobody hears of an exit before.
      this.#concluding = undefined
    })
  }

  async #reapAndConclude(exit: SessionExit): Promise<void> {
    if (loadReapedAt(this.folder) === undefined) {
      await reapMarked(
        this.marker,
        [loadAgent(this.folder)].flatMap((agent) => agent ?? []),
      )
      recordReaped(this.folder)
    }
    await Promise.all([...this.#readers].map((reader) => reader.finish()))
    if (this.#isDetached) return
    this.#exitedAt = (exit.kind === 'code' ? loadExit(this.folder)?.at : loadReapedAt(this.folder)) ?? this.#now()
    this.#state = { kind: 'exited', exit }
    this.#unfollow()
    this.#gone.abort()
    this.#markStarted()
    await this.#announce([...this.#exitListeners])
  }

  async #announce(listeners: readonly ((exit: SessionExit, at: number) => void)[]): Promise<void> {
    await Promise.all([...this.#readers].map((reader) => reader.finish()))
    if (this.#state.kind !== 'exited') return
    for (const listener of listeners) if (this.#exitListeners.delete(listener)) listener(this.#state.exit, this.#exitedAt)
  }
}
