import type { InboxItem } from '../../protocol/inbox.ts'
import type { LogResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'

/** What the live board knows at one moment. */
export interface Fleet {
  readonly tasks: readonly TaskStatus[]
  /** All that waits for the person, most urgent first. */
  readonly inbox: readonly InboxItem[]
  /** Undefined while the daemon answers; else why what is shown may be old. */
  readonly outage?: string
}

/** What the screens of `orch ui` see and may do. Nothing in it knows a terminal; what it throws are Failures. */
export interface BoardDesk {
  now(): number
  /** Calls back at once and at every change, until the answer is called. */
  follow(listener: (fleet: Fleet) => void): () => void
  /** What a session says and does: the end of its record, and what is added to it, until the answer is called. */
  followSession(handle: string, listener: (preview: Preview) => void): () => void
  /** A command line of orch, as a person types it after `orch`: what it said. The person's own word: approve, answer, merge, stop, spawn, …. */
  run(argv: readonly string[], signal?: AbortSignal): Promise<Said>
  /** Leaves the screen, gives the terminal to this, and comes back. */
  handOver(argv: readonly string[]): Promise<Said>
}

export interface Preview {
  /** Oldest first; at most the last few hundred. */
  readonly lines: LogResponse['lines']
  /** There is more before them. */
  readonly isCut: boolean
}

export interface Said {
  readonly isDone: boolean
  /** Not safe for a terminal. */
  readonly lines: readonly string[]
}
