import { createHash } from 'node:crypto'
import type { FSWatcher } from 'node:fs'
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { address, type Words } from '../../domain/board/address.ts'
import { type BoardMessage, HUMAN, ORCH } from '../../domain/board/message.ts'
import type { OutboxFile } from '../../domain/board/outbox-file.ts'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { Turns } from '../../foundation/turns.ts'
import { type Home, personOutbox } from '../../config/home.ts'
import { watchFolder } from '../../platform/detached/shared-ticks.ts'
import { isErrno } from '../../platform/errno.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import type { AnswerRequest } from '../../protocol/requests.ts'
import { readOwnFile } from '../exchange/own-file.ts'
import type { Roster } from '../services/roster.ts'
import { personCircle } from '../board/circle.ts'
import { readFrontMatter } from '../board/front-matter.ts'
import type { MessageBoard } from '../board/message-board.ts'

export interface PersonOutboxParts {
  readonly home: Home
  readonly board: MessageBoard
  readonly roster: Pick<Roster, 'records' | 'record' | 'stage'>
  /** Answers what a session asks leave for. Failure where nothing of the kind is open. */
  readonly answerRequest: (request: AnswerRequest) => Promise<unknown>
  readonly logError: (error: unknown) => void
}

/**
 * What the person says by files in `$ORCH_HOME/outbox`, also while no daemon runs. What is refused moves to `refused` in it,
 * and the board says why.
 */
export class PersonOutbox {
  readonly #parts: PersonOutboxParts
  readonly #folder: string
  readonly #turns = new Turns()
  #watcher: FSWatcher | undefined

  constructor(parts: PersonOutboxParts) {
    this.#parts = parts
    this.#folder = personOutbox(parts.home)
  }

  /** Takes what is there, and from now on what comes. */
  async follow(): Promise<void> {
    await ensurePrivateDirectory(this.#folder)
    this.#watcher = watchFolder(this.#folder, () => void this.drain().catch(this.#parts.logError))
    await this.drain()
  }

  drain(): Promise<void> {
    return this.#turns.take(async () => {
      const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.md') && !name.startsWith('.'))
      for (const name of names.toSorted()) await this.#take(name).catch(this.#parts.logError)
    })
  }

  /** Failures: `already-answered`, `refused-message`. The same key twice is one message. */
  async say(said: OutboxFile, key: string, writtenAt?: number): Promise<BoardMessage> {
    const { board, roster } = this.#parts
    if (!isWords(said) || said.project === undefined) throw refusedMessage('it is nothing that a person can say to a project')
    const { project } = said
    if (!this.#isKnown(project)) throw refusedMessage(`no project here is called "${plainLine(project, 60)}"`)
    const addressed = address(said, personCircle(roster, project, said.feature), (id) => board.find(project, id))
    if (addressed.kind === 'refused') throw refusedMessage(addressed.reason)
    return board.take(project, addressed.message, key, { ...(writtenAt !== undefined && { writtenAt }) })
  }

  close(): void {
    this.#watcher?.close()
  }

  async #take(name: string): Promise<void> {
    const path = join(this.#folder, name)
    const found = await readOwnFile(path)
    if (found === 'gone' || found.kind === 'no-file') return
    const digest = createHash('sha256').update(found.text).digest('hex').slice(0, 12)
    const key = `${HUMAN}/${plainLine(name, 120)} ${found.at} ${digest}`
    const said = await readFrontMatter(found.text)
    try {
      if (said === undefined) throw refusedMessage('it could not be read')
      if (said.request !== undefined) await this.#parts.answerRequest({ requestId: said.request, decision: leaveOf(said) })
      else await this.say(said, key, said.at === undefined ? found.at : Date.parse(said.at))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      await this.#refuse(name, found.text, said?.project, error, key)
    }
    await unlink(path).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT')) throw error
    })
  }

  /** The name becomes that of a folder. */
  #isKnown(project: string): boolean {
    return this.#parts.roster.records().some(({ input }) => input.project === project)
  }

  async #refuse(name: string, text: string, project: string | undefined, { message }: Failure, key: string): Promise<void> {
    const folder = join(this.#folder, 'refused')
    await ensurePrivateDirectory(folder)
    await replaceFile(join(folder, name), text)
    if (project === undefined || !this.#isKnown(project))
      return this.#parts.logError(new Error(`${plainLine(name)} in the outbox was not taken: ${message}`))
    const note = `Your message (${plainLine(name, 80)}) was not taken: ${message}. It lies in ${folder}.`
    await this.#parts.board.take(project, { kind: 'note', from: ORCH, to: [HUMAN], text: note }, `refused ${key}`)
  }
}

function isWords(said: OutboxFile): said is OutboxFile & Words {
  return said.kind !== 'done' && said.kind !== 'blocked' && said.kind !== 'checkpoint'
}

function leaveOf({ decision, answers, text }: OutboxFile): AnswerRequest['decision'] {
  if (answers !== undefined) return { kind: 'answer', answers }
  return decision === 'approve' ? { kind: 'allow' } : { kind: 'deny', reason: text || 'denied by the person' }
}

function refusedMessage(reason: string): Failure {
  return new Failure('refused-message', reason, { safe: 'nothing was said', next: 'orch board' })
}
