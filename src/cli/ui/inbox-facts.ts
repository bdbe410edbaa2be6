import { statSync } from 'node:fs'
import { join } from 'node:path'
import { boardFolder } from '../../config/home.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import type { InboxItem } from '../../domain/gates/inbox-item.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { loadKeptAnswers } from '../person/kept-answers.ts'
import { whatWaits } from '../../protocol/what-waits.ts'
import { loadMessages } from '../tasks/board-files.ts'

/** So long after a change a second one might not be seen by the folder's time. */
const UNSURE_MS = 100

/** What waits for the person, computed again and again: a board is read only when its folder has changed. */
export class InboxFacts {
  readonly #home: string
  readonly #boards = new Map<string, { readonly changedAt: number; readonly messages: readonly BoardMessage[] }>()

  constructor(home: string) {
    this.#home = home
  }

  waiting(tasks: readonly TaskStatus[], now: number): readonly InboxItem[] {
    const projects = [...new Set(tasks.map(({ project }) => project))]
    const messages = projects.flatMap((project) => this.#messagesOf(project, now))
    return whatWaits({ tasks, messages, kept: loadKeptAnswers(this.#home) })
  }

  #messagesOf(project: string, now: number): readonly BoardMessage[] {
    const folder = join(boardFolder({ root: this.#home }, project), 'messages')
    const changedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs
    if (changedAt === undefined) return []
    const known = this.#boards.get(project)
    if (known?.changedAt === changedAt) return known.messages
    const messages = loadMessages(this.#home, project, known?.messages)
    this.#boards.set(project, { changedAt: now - changedAt > UNSURE_MS ? changedAt : Number.NaN, messages })
    return messages
  }
}
