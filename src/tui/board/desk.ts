import type { InboxItem } from '../../domain/gates/inbox-item.ts'
import type { QueueResponse } from '../../protocol/queue.ts'
import type { LogResponse, MergeResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Material } from '../review/item.ts'

/** What the live board knows at one moment. */
export interface Fleet {
  readonly tasks: readonly TaskStatus[]
  /** All that waits for the person, most urgent first. */
  readonly inbox: readonly InboxItem[]
  /** Sessions of Claude Code that are none of orch's, a line each; not safe for a terminal. Only shown: orch neither counts nor steers them. */
  readonly foreign?: readonly string[]
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
  /** The person has turned to this task: what they were told of it is no news any more. */
  look(handle: string): void
  /** A command line of orch, as a person types it after `orch`: what it said. The person's own word: approve, answer, merge, stop, spawn, …. Throws nothing. */
  run(argv: readonly string[], at?: { readonly repository?: string | undefined; readonly signal?: AbortSignal }): Promise<Said>
  /** Leaves the screen, gives the terminal to this, and comes back. */
  handOver(argv: readonly string[]): Promise<Said>
  /** What may stand for the last word, with what it is; the others are before it. */
  complete(words: readonly string[], repository?: string): Promise<readonly Candidate[]>
  /** What a task's branch changes. */
  changes(task: TaskStatus): Promise<Material>
  /** What `orch merge` would do with it now. Nothing moves. */
  outlook(task: TaskStatus): Promise<Outlook>
  /** The queue of a task's project: at once, or when it is another one than this version. */
  queue(task: TaskStatus, other?: { readonly than: number; readonly signal: AbortSignal }): Promise<QueueResponse>
  /** What was thrown, in words for a person. */
  explain(error: unknown): readonly string[]
}

export type Candidate = readonly [value: string, summary: string]

export interface Outlook {
  readonly merge: MergeResponse
  readonly queue: QueueResponse
  /** Commands that must pass before anything lands. */
  readonly checks: readonly string[]
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
