import { dirname } from 'node:path'
import { decisionLines, decisionText } from '../../domain/board/decision-text.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import { contextFile, type Home } from '../../config/home.ts'
import { Turns } from '../../foundation/turns.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import { goneBecause } from './circle.ts'
import type { MessageBoard } from './message-board.ts'

export interface ContextFilesParts {
  readonly home: Home
  readonly board: Pick<MessageBoard, 'decisionsFor' | 'onMessage'>
  readonly roster: Pick<Roster, 'stage'>
  readonly logError: (error: unknown) => void
}

/** What each session is told again once its context was compacted: what has been decided for it. Kept current while it works. */
export class ContextFiles {
  readonly #parts: ContextFilesParts
  readonly #turns = new Turns()
  /** By handle: the task's input, and what its file says. */
  readonly #kept = new Map<string, { readonly input: TaskInput; readonly text: string }>()

  constructor(parts: ContextFilesParts) {
    this.#parts = parts
    parts.board.onMessage((message) => this.#hear(message))
  }

  /** Before each process of the task begins; from then on with every decision. */
  keep(input: TaskInput): Promise<void> {
    return this.#turns.take(() => this.#write(input))
  }

  #hear({ kind, project }: BoardMessage): void {
    if (kind !== 'decision') return
    for (const { input } of this.#kept.values()) if (input.project === project) this.keep(input).catch(this.#parts.logError)
  }

  async #write(input: TaskInput): Promise<void> {
    const { home, board, roster } = this.#parts
    const { handle } = input
    if (goneBecause(roster, handle) !== undefined) return void this.#kept.delete(handle)
    const text = decisionText(decisionLines(await board.decisionsFor(input))) ?? ''
    if (this.#kept.get(handle)?.text === text) return
    const path = contextFile(home, handle)
    await ensurePrivateDirectory(dirname(path))
    await replaceFile(path, text === '' ? '' : `${text}\n`)
    this.#kept.set(handle, { input, text })
  }
}
