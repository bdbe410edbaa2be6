import { createHash } from 'node:crypto'
import { mkdir, readdir, unlink } from 'node:fs/promises'
import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { plainLine } from '../../foundation/text.ts'
import { isErrno } from '../../platform/errno.ts'
import { replaceFile } from '../../platform/files.ts'
import { type Home, projectFolder } from '../../config/home.ts'
import type { News } from '../../workflows/news.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import { parseDeclaration, type Declaration } from './declaration.ts'
import { outboxFolder } from './exchange-folder.ts'
import { readOwnFile } from './own-file.ts'

export interface OutboxParts {
  readonly home: Home
  readonly roster: Roster
  readonly tell: (runId: string, news: News, key: string) => Promise<void>
  readonly logError: (error: unknown) => void
}

/**
 * What sessions declare by files in their own worktree. Taking one: keep it on the board, tell the run (keyed by the file's name),
 * and only then remove it: a crash in between tells it again under the same key. The files are an agent's: no link is followed.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #draining = new Map<string, Promise<void>>()

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** Takes what is there and from now on what comes. Called again it watches anew: the folder may be another one of the same name. */
  follow(input: TaskInput): void {
    this.unfollow(input.handle)
    try {
      const watcher = watch(outboxOf(input), () => void this.drain(input).catch(this.#parts.logError))
      watcher.on('error', () => this.unfollow(input.handle))
      this.#watchers.set(input.handle, watcher)
    } catch (error) {
      // Without a watch the outbox is still drained at the end of every turn.
      if (!isErrno(error, 'ENOENT', 'ENOTDIR')) this.#parts.logError(error)
    }
    void this.drain(input).catch(this.#parts.logError)
  }

  unfollow(handle: string): void {
    this.#watchers.get(handle)?.close()
    this.#watchers.delete(handle)
  }

  /** One at a time per task, in the order of the file names, which begin with the time. */
  drain(input: TaskInput): Promise<void> {
    const before = this.#draining.get(input.handle) ?? Promise.resolve()
    const draining = before.catch(() => undefined).then(() => this.#drainNow(input))
    this.#draining.set(input.handle, draining)
    return draining
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  async #drainNow(input: TaskInput): Promise<void> {
    const folder = await outboxFolder(input.worktree)
    if (folder === undefined) return
    const names = (await readdir(folder)).filter((name) => name.endsWith('.md') && !name.startsWith('.'))
    // One that cannot be taken keeps none of the others waiting.
    for (const name of names.toSorted()) await this.#take(input, join(folder, name), name).catch(this.#parts.logError)
  }

  async #take(input: TaskInput, path: string, name: string): Promise<void> {
    const found = await readOwnFile(path)
    if (found === 'gone') return
    if (found.kind === 'no-file') return this.#refuse(input, name, found.at)
    const board = join(projectFolder(this.#parts.home, input.project), 'board', 'messages')
    await mkdir(board, { recursive: true, mode: 0o700 })
    await replaceFile(join(board, boardName(input.handle, name)), found.text)
    const declaration = await parseDeclaration(found.text)
    if (declaration === undefined) this.#refuse(input, name, found.at)
    else await this.#tell(input, declaration, name)
    await unlink(path).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT')) throw error
    })
  }

  /** The time is the file's, so that the same refusal is said once. */
  #refuse(input: TaskInput, name: string, at: number): void {
    this.#parts.roster.note(input, { message: { at, kind: 'unreadable', text: `${plainLine(name, 80)} in the outbox could not be read` } })
  }

  async #tell(input: TaskInput, declaration: Declaration, name: string): Promise<void> {
    const at = Date.parse(declaration.at)
    const message = declaration.message ?? ''
    const runId = this.#parts.roster.record(input.handle)?.runId
    if (declaration.kind === 'checkpoint') {
      this.#parts.roster.note(input, { checkpoint: { commit: declaration.commit, isInferred: false, at, message } })
    }
    if (message !== '') this.#parts.roster.note(input, { message: { at, kind: declaration.kind, text: message } })
    if (runId === undefined || declaration.kind === 'checkpoint' || declaration.kind === 'tell') return
    await this.#parts.tell(runId, { kind: 'declared', what: declaration.kind, commit: declaration.commit, message }, `outbox ${name}`)
  }
}

function outboxOf(input: TaskInput): string {
  return join(input.worktree, '.orch', 'outbox')
}

/** The agent chose the file's name; on the board it is one that a terminal and a file system can bear. */
function boardName(handle: string, name: string): string {
  const plain = `${handle}-${name}`.replace(/[^A-Za-z0-9._-]+/g, '_')
  if (plain === `${handle}-${name}` && plain.length <= 200) return plain
  return `${plain.slice(0, 150)}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.md`
}
