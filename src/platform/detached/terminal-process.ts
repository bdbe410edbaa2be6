import type { SessionExit } from '../../domain/sessions/session-event.ts'
import { isSameProcess, mayExist, type ProcessIdentity } from '../process-identity.ts'
import { loadWrapper } from './session-folder.ts'
import { onTick, watchFolder } from './shared-ticks.ts'
import { closeUnstarted } from './terminal-wrapper.ts'
import { WatchedProcess } from './watched-process.ts'

const graceMs = 5000
/** As for detached ones: a pid may be used again. */
const ticksPerIdentityCheck = 5

type ExitListener = (exit: SessionExit, at: number, startedAt: number) => void

/**
 * Follows a program that a client runs in a person's terminal, from before its start. Without its client it has no terminal any more, so it is ended
 * too; a client that ends before it has started anything never will.
 */
export class TerminalProcess {
  readonly #folder: string
  readonly #marker: string
  readonly #client: ProcessIdentity
  readonly #onExit: ExitListener
  #watched: WatchedProcess | undefined
  #looking: Promise<void> = Promise.resolve()
  #isOver = false
  #unfollow: () => void

  /** `onExit` is called once, when nothing of the program is left. Times in milliseconds since the epoch. */
  constructor(folder: string, marker: string, client: ProcessIdentity, onExit: ExitListener) {
    this.#folder = folder
    this.#marker = marker
    this.#client = client
    this.#onExit = onExit
    const watcher = watchFolder(folder, (name) => (name === undefined || name === 'pid') && this.#meet())
    const leaveTicks = onTick((tick) => {
      if (tick % ticksPerIdentityCheck === 0 || !mayExist(client.pid)) void this.caughtUp()
    })
    this.#unfollow = () => {
      watcher?.close()
      leaveTicks()
    }
    void this.caughtUp()
  }

  /** Resolves when it is known whether there is still a client, and without one when nothing of the program is left. */
  caughtUp(): Promise<void> {
    return (this.#looking = this.#looking.then(() => this.#look()).catch(() => undefined))
  }

  /** Ends the program, or sees to it that it never starts. */
  async stop(): Promise<void> {
    if (!this.#meet()) closeUnstarted(this.#folder, this.#marker)
    this.#meet()
    await this.#watched?.stop(graceMs)
    await this.#watched?.caughtUp()
  }

  detach(): void {
    this.#isOver = true
    this.#unfollow()
    this.#watched?.detach()
  }

  async #look(): Promise<void> {
    if (this.#isOver) return
    if ((await isSameProcess(this.#client)) === 'dead') await this.stop()
    else if (this.#meet()) await this.#watched?.caughtUp()
  }

  #meet(): boolean {
    if (this.#watched !== undefined || this.#isOver) return this.#watched !== undefined
    const wrapper = loadWrapper(this.#folder)
    if (wrapper === undefined) return false
    this.#watched = new WatchedProcess(this.#folder, wrapper, Date.now)
    this.#watched.onExit((exit, at) => {
      this.#isOver = true
      this.#unfollow()
      this.#onExit(exit, at, wrapper.launchedAt)
    })
    return true
  }
}
