import { readdir, unlink } from 'node:fs/promises'
import type { FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { watchFolder } from '../../platform/detached/shared-ticks.ts'
import { isErrno } from '../../platform/errno.ts'
import { isOutboxFileName } from '../../domain/board/outbox-file.ts'
import { EngineClosed } from '../../ports/engine.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { outboxFolder } from '../exchange/exchange-folder.ts'
import { readOwnFile } from '../exchange/own-file.ts'
import type { Roster } from '../services/roster.ts'
import type { Inboxes } from './inboxes.ts'
import type { Taking } from './taking.ts'

export interface OutboxParts {
  readonly clock: Clock
  readonly taking: Taking
  readonly inboxes: Inboxes
  readonly roster: Pick<Roster, 'note'>
  readonly logError: (error: unknown) => void
}

/** How long a file that was written in place, not moved there whole, must have been left alone. */
const SETTLED_AFTER_MS = 200
/** After a file could not be taken. */
const TRY_AGAIN_MS = 1000
/** In one look: a flood makes nobody else wait. */
const MOST_FILES = 500

/**
 * What sessions say by files in their own worktree, in the order of the names. A file goes when all that it says was kept and told: a crash
 * in between takes it again. The files are an agent's: no link is followed.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #draining = new Map<string, Promise<void>>()
  /** Who has said more than may be taken at once, and was reported. */
  readonly #flooding = new Set<string>()
  readonly #closing = new AbortController()
  readonly #later = new Set<string>()

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** Takes what is there and from now on what comes. Called again it watches anew: the folder may be another one of the same name. */
  follow(input: TaskInput): void {
    this.unfollow(input.handle)
    // Without a watch the outbox is still drained at the end of every turn.
    const watcher = watchFolder(outboxOf(input), () => this.#drainSettled(input))
    if (watcher !== undefined) this.#watchers.set(input.handle, watcher)
    this.#parts.inboxes.follow(input)
    this.#drainSettled(input)
  }

  unfollow(handle: string): void {
    this.#watchers.get(handle)?.close()
    this.#watchers.delete(handle)
    this.#parts.inboxes.unfollow(handle)
  }

  /** All that is there now: nobody is writing any more. */
  async drain(input: TaskInput): Promise<void> {
    await this.#inTurn(input, false)
    await this.#parts.inboxes.look(input)
  }

  /** Resolves when all that was there when it was called has been taken, but what has to wait. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#draining.values())
  }

  close(): void {
    this.#closing.abort()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    this.#parts.inboxes.close()
  }

  #drainSettled(input: TaskInput): void {
    void this.#inTurn(input, true).catch(this.#parts.logError)
  }

  /** One at a time per task. */
  #inTurn(input: TaskInput, isPatient: boolean): Promise<void> {
    const before = this.#draining.get(input.handle) ?? Promise.resolve()
    const draining = before.catch(() => undefined).then(() => this.#drainNow(input, isPatient))
    this.#draining.set(input.handle, draining)
    return draining
  }

  async #drainNow(input: TaskInput, isPatient: boolean): Promise<void> {
    const folder = await outboxFolder(input.worktree)
    if (folder === undefined) return
    const names = (await readdir(folder)).filter((name) => name.endsWith('.md') && !name.startsWith('.')).toSorted()
    const now = this.#parts.clock.now()
    let throttledMs = 0
    for (const name of names.slice(0, MOST_FILES)) {
      // One that cannot be taken keeps none of the others waiting.
      const left = await this.#take(input, join(folder, name), { name, now, isPatient }).catch((error: unknown) =>
        this.#failed(input, error),
      )
      if (left?.kind === 'throttled') throttledMs = Math.max(throttledMs, left.ms)
      // What was written after it must not overtake it.
      if (left?.kind === 'being-written') return this.#lookLater(input, left.ms)
    }
    if (throttledMs > 0) this.#reportFlood(input)
    else this.#flooding.delete(input.handle)
    if (throttledMs > 0) this.#lookLater(input, throttledMs)
    else if (names.length > MOST_FILES) this.#drainSettled(input)
  }

  /** Undefined when it was taken, or never will be; else when to look again. */
  async #take(
    input: TaskInput,
    path: string,
    { name, now, isPatient }: { name: string; now: number; isPatient: boolean },
  ): Promise<Left | undefined> {
    const found = await readOwnFile(path)
    if (found === 'gone') return undefined
    const { taking, clock } = this.#parts
    if (found.kind === 'no-file') {
      taking.refuse(input, name, found.at)
      return undefined
    }
    const age = clock.now() - found.at
    if (isPatient && !isOutboxFileName(name) && Math.abs(age) < SETTLED_AFTER_MS)
      return { kind: 'being-written', ms: SETTLED_AFTER_MS - age }
    const taken = await taking.take(input, name, found, now)
    if (taken.kind === 'later') return { kind: 'throttled', ms: taken.ms }
    await unlink(path).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT')) throw error
    })
    return undefined
  }

  /** A disk that was full has room again; no watch tells of that, and a session that waits for an answer says nothing more. */
  #failed(input: TaskInput, error: unknown): undefined {
    this.#parts.logError(error)
    if (!(error instanceof EngineClosed)) this.#lookLater(input, TRY_AGAIN_MS)
  }

  #lookLater(input: TaskInput, ms: number): void {
    if (this.#later.has(input.handle)) return
    this.#later.add(input.handle)
    void this.#parts.clock.wait(ms, this.#closing.signal).then(
      () => {
        this.#later.delete(input.handle)
        this.#drainSettled(input)
      },
      () => undefined,
    )
  }

  /** Once, until all of it was taken. */
  #reportFlood(input: TaskInput): void {
    if (this.#flooding.has(input.handle)) return
    this.#flooding.add(input.handle)
    const text = 'it says more than a session may in a minute: the rest waits in its outbox and is taken bit by bit'
    this.#parts.roster.note(input, { message: { at: this.#parts.clock.now(), kind: 'throttled', text } })
  }
}

interface Left {
  readonly kind: 'throttled' | 'being-written'
  readonly ms: number
}

function outboxOf(input: TaskInput): string {
  return join(input.worktree, '.orch', 'outbox')
}
