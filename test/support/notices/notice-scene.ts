import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { homeAt, type Home } from '../../../src/config/home.ts'
import { type AppendNotices, NoticeBook } from '../../../src/daemon/notices/notice-book.ts'
import { Notices } from '../../../src/daemon/notices/notices.ts'
import type { BoardMessage } from '../../../src/domain/board/message.ts'
import type { Stage } from '../../../src/domain/tasks/stage.ts'
import type { TaskStatus } from '../../../src/protocol/task-status.ts'
import { taskStatus } from '../cli/task-status.ts'
import { ManualClock } from '../manual-clock.ts'
import { temporaryFolder } from '../temporary.ts'

const stableId = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** A fleet that a test moves, over several lives of the daemon that watches it. */
export class NoticeScene {
  readonly home: Home = homeAt(temporaryFolder())
  readonly clock = new ManualClock(Date.parse('2026-01-02T12:00:00Z'))
  readonly errors: unknown[] = []
  readonly #statuses = new Map<string, TaskStatus>()
  readonly #stages = new Map<string, Stage>()
  readonly #messages: BoardMessage[] = []
  readonly #heed = new Set<(status: TaskStatus) => void>()
  readonly #hear = new Set<(message: BoardMessage) => void>()

  /** One life of the daemon, as far as notices are concerned. */
  async begin({ to = [], append }: { to?: readonly string[]; append?: AppendNotices } = {}): Promise<{
    book: NoticeBook
    notices: Notices
  }> {
    const book = new NoticeBook(this.home, append)
    const notices = new Notices({
      home: this.home,
      clock: this.clock,
      book,
      stableId,
      roster: {
        statuses: () => [...this.#statuses.values()],
        stage: (handle) => this.#stages.get(handle),
        onChange: (listener) => subscribe(this.#heed, listener),
      },
      board: {
        messages: (project) => this.#messages.filter((message) => message.project === project),
        onMessage: (listener) => subscribe(this.#hear, listener),
      },
      route: async () => ({ to, isLoud: false }),
      logError: (error) => void this.errors.push(error),
    })
    onTestFinished(() => notices.close())
    await notices.begin()
    return { book, notices }
  }

  /** Now. */
  get at(): string {
    return new Date(this.clock.now()).toISOString()
  }

  task(name: string, more: Partial<TaskStatus> = {}, stage?: Stage): void {
    const status = taskStatus(name, { since: this.at, createdAt: this.at, ...more })
    this.#statuses.set(status.handle, status)
    if (stage === undefined) this.#stages.delete(status.handle)
    else this.#stages.set(status.handle, stage)
    for (const heed of this.#heed) heed(status)
  }

  say(id: string, more: Partial<BoardMessage>): void {
    const at = this.clock.now()
    const message: BoardMessage = {
      id,
      project: 'app',
      kind: 'question',
      from: 'app.api',
      to: ['human'],
      text: `Which, ${id}?`,
      writtenAt: at,
      takenAt: at,
      hops: 0,
      source: id,
      ...more,
    }
    this.#messages.push(message)
    for (const hear of this.#hear) hear(message)
  }
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
