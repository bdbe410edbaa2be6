import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseHandle } from '../../foundation/brand.ts'
import { withResolvers } from '../../foundation/with-resolvers.ts'
import { loadJson, replaceFile } from '../../platform/files.ts'
import { type Home, sessionFolder } from '../../config/home.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { isTaskStatus } from '../../protocol/task-status-check.ts'
import type { TaskEntry } from './task-entry.ts'
import { parseTaskRecord, type TaskRecord } from './task-record.ts'

/** Files follow memory within this time; many changes in a burst are one write. */
const WRITE_AFTER_MS = 100
/** After a write that failed: there may be room by then, and nothing else may ever happen to the task. */
const WRITE_AGAIN_MS = 1000

/** The files that say what the roster knows: each task's record, and its status for whoever reads without the daemon. */
export class StatusFiles {
  readonly #home: Home
  readonly #entries: ReadonlyMap<string, TaskEntry>
  #writeTimer: NodeJS.Timeout | undefined
  #due: Promise<void> | undefined
  #endDue: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(home: Home, entries: ReadonlyMap<string, TaskEntry>) {
    this.#home = home
    this.#entries = entries
  }

  /** What earlier daemons left; either file may be missing or torn. */
  async *load(): AsyncGenerator<{ handle: string; record: TaskRecord | undefined; status: TaskStatus | undefined }> {
    for (const handle of await readdir(this.#home.sessions).catch(() => [])) {
      if (parseHandle(handle) === undefined) continue
      const folder = join(this.#home.sessions, handle)
      const record = await loadJson(join(folder, 'task.json'), parseTaskRecord).catch(() => undefined)
      const status = await loadJson(join(folder, 'status.json'), (value) => value).catch(() => undefined)
      yield { handle, record, status: isTaskStatus(status) ? status : undefined }
    }
  }

  async keepRecord(record: TaskRecord): Promise<void> {
    const folder = sessionFolder(this.#home, record.input.handle)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await replaceFile(join(folder, 'task.json'), JSON.stringify(record))
  }

  /** The entries that are dirty are written within a moment. */
  writeSoon(afterMs = WRITE_AFTER_MS): void {
    if (this.#due !== undefined) return
    const { promise, resolve } = withResolvers()
    this.#due = promise
    this.#endDue = resolve
    this.#writeTimer = setTimeout(() => void this.#write(), afterMs).unref()
  }

  /** Resolves when the files say what memory says now: who was told of a change and then reads the files finds it there. */
  async written(): Promise<void> {
    await this.#due
    await this.#writing
  }

  /** The same at once, for an answer that somebody waits for. */
  async writeNow(): Promise<void> {
    clearTimeout(this.#writeTimer)
    await this.#write()
  }

  #write(): Promise<void> {
    this.#writeTimer = undefined
    const endDue = this.#endDue
    this.#due = undefined
    this.#endDue = undefined
    this.#writing = this.#writing.then(async () => {
      for (const [handle, entry] of this.#entries) if (entry.isDirty) await this.#writeStatus(handle, entry)
      endDue?.()
      if ([...this.#entries.values()].some((entry) => entry.isDirty)) this.writeSoon(WRITE_AGAIN_MS)
    })
    return this.#writing
  }

  async #writeStatus(handle: string, entry: TaskEntry): Promise<void> {
    const survives = entry.isStageDirty ? 'power-loss' : 'kill'
    entry.isDirty = entry.isStageDirty = false
    const path = join(sessionFolder(this.#home, handle), 'status.json')
    // A full disk costs only the file: the journal and the sessions' records hold the facts.
    await replaceFile(path, `${JSON.stringify(entry.status, undefined, 2)}\n`, { survives }).catch(() => {
      entry.isDirty = true
      entry.isStageDirty ||= survives === 'power-loss'
    })
  }
}
