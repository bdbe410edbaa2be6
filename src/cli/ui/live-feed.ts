import { onTick, watchFolder } from '../../platform/detached/shared-ticks.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Fleet, Preview } from '../../tui/board/desk.ts'
import type { Context } from '../context.ts'
import { loadEndpoint } from '../daemon-client/endpoint.ts'
import { followEvents } from '../daemon-client/event-stream.ts'
import { renderError } from '../failures.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import { InboxFacts } from './inbox-facts.ts'
import { followRecord, type FollowedRecord } from './followed-record.ts'

/** Changes that come close together are told together. */
const TOGETHER_MS = 50

/** The fleet as the daemon's events tell it; what the files say before the first of them, and while no daemon can be started. */
export class LiveFeed {
  readonly #context: Context
  readonly #isShown: (task: TaskStatus) => boolean
  readonly #inbox: InboxFacts
  readonly #stop = new AbortController()
  readonly #listeners = new Set<(fleet: Fleet) => void>()
  readonly #records = new Set<FollowedRecord>()
  #tasks: Map<string, TaskStatus>
  #foreign: readonly string[] = []
  #outage: string | undefined
  #isConnected = false
  #telling: NodeJS.Timeout | undefined

  constructor(context: Context, isShown: (task: TaskStatus) => boolean) {
    // Narration would be written into the screen, which says itself what the matter is.
    this.#context = { ...context, output: { ...context.output, note: (text) => this.#suffer(text) } }
    this.#isShown = isShown
    this.#inbox = new InboxFacts(context.home)
    this.#tasks = this.#load()
  }

  /** Aborted when nobody looks any more. */
  get ended(): AbortSignal {
    return this.#stop.signal
  }

  /** Begins to listen to the daemon, and starts one where there is none. */
  start(): void {
    void this.#listen()
  }

  close(): void {
    this.#stop.abort()
    clearTimeout(this.#telling)
    for (const record of this.#records) record.close()
  }

  /** What runs here and is none of orch's, a line each. */
  showForeign(foreign: readonly string[]): void {
    if (this.#stop.signal.aborted || foreign.join('\n') === this.#foreign.join('\n')) return
    this.#foreign = foreign
    this.#changed()
  }

  follow(listener: (fleet: Fleet) => void): () => void {
    this.#listeners.add(listener)
    listener(this.#fleet())
    return () => void this.#listeners.delete(listener)
  }

  followSession(handle: string, listener: (preview: Preview) => void): () => void {
    const record = followRecord(this.#context, handle, listener)
    this.#records.add(record)
    if (this.#isConnected) record.read()
    return () => {
      this.#records.delete(record)
      record.close()
    }
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const before = loadEndpoint(this.#context.home)?.startedAt
      try {
        for await (const event of followEvents(this.#context, signal)) {
          if (event.kind === 'hello') this.#greet(event.tasks)
          else if (event.kind === 'task') this.#take(event.task)
        }
      } catch (error) {
        if (signal.aborted) return
        this.#suffer(renderError(error, ''))
        this.#tasks = this.#load()
        await untilDaemon(this.#context.home, before, signal)
      }
    }
  }

  #greet(tasks: readonly TaskStatus[]): void {
    this.#outage = undefined
    this.#isConnected = true
    this.#tasks = new Map(tasks.filter(this.#isShown).map((task) => [task.handle, task]))
    for (const record of this.#records) record.read()
    this.#changed()
  }

  #take(task: TaskStatus): void {
    if (!this.#isShown(task)) return
    this.#tasks.set(task.handle, task)
    // Every step of a session changes its status, so its event says when there is more to read.
    for (const record of this.#records) if (record.handle === task.handle) record.read()
    this.#changed()
  }

  #suffer(words: string): void {
    this.#outage = words.replace(/^orch: /, '').replaceAll('\n', ' ')
    this.#isConnected = false
    this.#changed()
  }

  #load(): Map<string, TaskStatus> {
    const { tasks } = loadStatuses(this.#context.home)
    return new Map(tasks.filter(this.#isShown).map((task) => [task.handle, task]))
  }

  #changed(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      const fleet = this.#fleet()
      for (const listener of this.#listeners) listener(fleet)
    }, TOGETHER_MS)
  }

  #fleet(): Fleet {
    const tasks = [...this.#tasks.values()]
    const inbox = this.#inbox.waiting(tasks, this.#context.now())
    return {
      tasks,
      inbox,
      ...(this.#foreign.length > 0 && { foreign: this.#foreign }),
      ...(this.#outage !== undefined && { outage: this.#outage }),
    }
  }
}

/** Resolves when another daemon than the one before says that it listens, be it one that another command started. */
function untilDaemon(home: string, before: string | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watchFolder(home, check)
    // Only where the folder is none, or the machine has no watch left.
    const leaveTicks = watcher === undefined ? onTick(check) : undefined
    signal.addEventListener('abort', end, { once: true })
    check()
    function check(): void {
      const now = loadEndpoint(home)?.startedAt
      if (now !== undefined && now !== before) end()
    }
    function end(): void {
      watcher?.close()
      leaveTicks?.()
      signal.removeEventListener('abort', end)
      resolve()
    }
  })
}
