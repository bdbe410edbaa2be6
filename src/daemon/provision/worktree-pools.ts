import { failureCode } from '../../foundation/failure.ts'
import type { Sha } from '../../foundation/brand.ts'
import { Turns } from '../../foundation/turns.ts'
import type { Status } from '../../domain/tasks/task-status.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Git } from '../../ports/git.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

export interface PoolParts {
  readonly git: Git
  readonly clock: Clock
  readonly roster: {
    records(): readonly { readonly input: TaskInput }[]
    statuses(): readonly Pick<TaskStatus, 'repository' | 'status'>[]
    onChange(listener: (status: Pick<TaskStatus, 'repository' | 'status'>) => void): () => void
  }
  readonly logError: (error: unknown) => void
}

/**
 * Keeps checked-out trees ready for a repository's next worktrees, as long as somebody works there. They are made when nothing else is being
 * made, and the making ends at once when something is: a worktree never waits for it, it only finds no tree and checks its files out itself.
 */
export class WorktreePools {
  readonly #parts: PoolParts
  readonly #pools = new Map<string, Pool>()
  readonly #stopListening: () => void
  #isClosed = false

  constructor(parts: PoolParts) {
    this.#parts = parts
    this.#stopListening = parts.roster.onChange(({ repository, status }) => {
      if (IN_WORK.has(status) || !this.#pools.has(repository) || this.#isInWork(repository)) return
      this.#tendSoon(repository)
    })
  }

  /** Makes a worktree, and afterwards sees to the pool. */
  async during<T>(input: TaskInput, commit: Sha, make: () => Promise<T>): Promise<T> {
    const pool = this.#poolOf(input.repository)
    pool.makers += 1
    pool.filling.abort()
    try {
      return await make()
    } finally {
      pool.makers -= 1
      pool.wanted = { size: input.settings.pool ?? 0, commit }
      if (pool.makers === 0) this.#tendSoon(input.repository)
    }
  }

  /** What a daemon that was killed left ready where nobody works any more goes. */
  recall(): void {
    for (const repository of new Set(this.#parts.roster.records().map(({ input }) => input.repository))) {
      this.#poolOf(repository)
      if (!this.#isInWork(repository)) this.#tendSoon(repository)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopListening()
    for (const pool of this.#pools.values()) pool.filling.abort()
    for (const pool of this.#pools.values()) await pool.turns.take(() => Promise.resolve())
  }

  #poolOf(repository: string): Pool {
    const pool = this.#pools.get(repository) ?? { makers: 0, filling: new AbortController(), turns: new Turns() }
    this.#pools.set(repository, pool)
    return pool
  }

  #isInWork(repository: string): boolean {
    return this.#parts.roster.statuses().some((task) => task.repository === repository && IN_WORK.has(task.status))
  }

  #tendSoon(repository: string): void {
    if (this.#isClosed) return
    const pool = this.#poolOf(repository)
    pool.filling.abort()
    pool.filling = new AbortController()
    const { signal } = pool.filling
    pool.turns
      .take(() => this.#tend(repository, pool, signal))
      .catch((error: unknown) => {
        if (!signal.aborted && failureCode(error) !== 'not-a-repository') this.#parts.logError(error)
      })
  }

  async #tend(repository: string, pool: Pool, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { size, commit } = pool.wanted ?? NOTHING
    const isWanted = size > 0 && this.#isInWork(repository)
    if (isWanted) await this.#parts.clock.wait(QUIET_MS, signal)
    const opened = await this.#parts.git.open(repository)
    await opened.tendPool({ size: isWanted ? size : 0, commit, minimumFiles: MINIMUM_FILES, signal })
  }
}

interface Pool {
  makers: number
  filling: AbortController
  wanted?: { readonly size: number; readonly commit: Sha }
  readonly turns: Turns
}

const NOTHING = { size: 0, commit: '' as Sha }

/** Tasks whose like may need a worktree soon. */
const IN_WORK: ReadonlySet<Status> = new Set(['Needs you', 'Working', 'Idle', 'Setting up', 'Queued'])

/** Sessions that have just got their worktree are starting: the disk and the cores are theirs first. */
const QUIET_MS = 3_000

/** Measured: 300 files are checked out in 85 ms, and taking a tree costs 65; 1,000 take several hundred. */
const MINIMUM_FILES = 500
