import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { address, type Words } from '../../domain/board/address.ts'
import { blocksSender, type BoardMessage, HUMAN, type NewMessage, ORCH } from '../../domain/board/message.ts'
import type { OutboxFile } from '../../domain/board/outbox-file.ts'
import { waitMs } from '../../domain/board/rate.ts'
import { plainLine } from '../../foundation/text.ts'
import { boardFolder, type Home } from '../../config/home.ts'
import { replaceFile } from '../../platform/files.ts'
import type { News } from '../../workflows/news.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { OwnFile } from '../exchange/own-file.ts'
import type { Roster } from '../services/roster.ts'
import { circleOf, featureOf } from './circle.ts'
import { readFrontMatter } from './front-matter.ts'
import type { MessageBoard } from './message-board.ts'

export interface TakingParts {
  readonly home: Home
  readonly roster: Pick<Roster, 'note' | 'record' | 'records' | 'stage'>
  readonly board: MessageBoard
  readonly tell: (runId: string, news: News, key: string) => Promise<void>
}

export type Taken = { readonly kind: 'taken' } | { readonly kind: 'later'; readonly ms: number }
type PlainFile = Extract<OwnFile, { kind: 'file' }>

const TAKEN = { kind: 'taken' } as const

/**
 * What becomes of one file of a session's outbox. Every effect is keyed by the file, so that after a crash between any two of them
 * the file is taken again and nothing is said twice.
 */
export class Taking {
  readonly #parts: TakingParts
  /** When the last ones of a sender were taken, by handle and rate. */
  readonly #times = new Map<string, readonly number[]>()

  constructor(parts: TakingParts) {
    this.#parts = parts
  }

  /** What is no plain file is left where it is. The time is the file's, so that the same refusal is said once. */
  refuse(input: TaskInput, name: string, at: number): void {
    this.#parts.roster.note(input, { message: { at, kind: 'unreadable', text: `${plainLine(name, 80)} in the outbox could not be read` } })
  }

  /** `now`: of the whole look at the outbox, so that nothing overtakes what had to wait a moment before. */
  async take(input: TaskInput, name: string, file: PlainFile, now: number): Promise<Taken> {
    const said = await readFrontMatter(file.text)
    const key = keyOf(name, file)
    if (said === undefined) {
      await this.#keepRefused(input, name, file.text)
      this.refuse(input, name, file.at)
      return TAKEN
    }
    const at = said.at === undefined ? file.at : Date.parse(said.at)
    if (said.kind === 'done' || said.kind === 'checkpoint' || said.kind === 'blocked') {
      const ms = this.#hold(input, key, said.kind === 'blocked' ? 'said' : 'claimed', now)
      if (ms > 0) return { kind: 'later', ms }
      await this.#claim(input, { ...said, kind: said.kind }, at, key)
      return TAKEN
    }
    return this.#say(input, { ...said, kind: said.kind }, { name, file, at, key, now })
  }

  /** A word about the own work: the run hears it; it stands on the board for the record, and what blocks it is the person's. */
  async #claim(input: TaskInput, { kind, commit = '', text }: OutboxFile & { kind: ClaimKind }, at: number, key: string): Promise<void> {
    const { board, roster } = this.#parts
    const feature = featureOf(input)
    const message: NewMessage = {
      kind: kind === 'blocked' ? 'escalation' : 'note',
      from: input.handle,
      to: kind === 'blocked' ? [HUMAN] : [],
      text: kind === 'blocked' ? text : `${kind}: ${text}`,
      ...(feature !== undefined && { feature }),
      ...(commit !== '' && { about: { commit } }),
    }
    await board.take(input.project, message, this.#source(input, key), { writtenAt: at })
    if (kind === 'checkpoint') roster.note(input, { checkpoint: { commit, isInferred: false, at, message: text } })
    if (text !== '') roster.note(input, { message: { at, kind, text } })
    const runId = roster.record(input.handle)?.runId
    if (runId !== undefined && kind !== 'checkpoint')
      await this.#parts.tell(runId, { kind: 'declared', what: kind, commit, message: text }, `outbox ${key}`)
  }

  async #say(
    input: TaskInput,
    words: Words,
    { name, file, at, key, now }: { name: string; file: PlainFile; at: number; key: string; now: number },
  ): Promise<Taken> {
    const { board, roster } = this.#parts
    const { project } = input
    const source = this.#source(input, key)
    const ms = this.#hold(input, key, 'said', now)
    if (ms > 0) return { kind: 'later', ms }
    const circle = circleOf(roster, input)
    const addressed = file.isCut
      ? ({ kind: 'refused', code: 'too-large', reason: 'it is larger than 64 KB: put the most of it into a file and name that' } as const)
      : address(words, circle, (id) => board.find(project, id))
    if (addressed.kind === 'refused') {
      await this.#sayRefused(input, { name, file, at: file.at, key }, addressed.reason)
      return TAKEN
    }
    const beforeDelivery = (message: BoardMessage): Promise<void> => this.#tellAsked(input, message)
    const message = await board.take(project, addressed.message, source, { writtenAt: at, beforeDelivery })
    if (message.to.includes(HUMAN)) roster.note(input, { message: { at, kind: words.kind, text: message.text } })
    return TAKEN
  }

  /** Once there is an answer nobody needs to wait for it. */
  async #tellAsked(input: TaskInput, message: BoardMessage): Promise<void> {
    const runId = this.#parts.roster.record(input.handle)?.runId
    if (runId === undefined || !blocksSender(message) || this.#parts.board.replies(message).some(({ from }) => from !== message.from))
      return
    const { id, kind, to, text } = message
    await this.#parts.tell(runId, { kind: 'asked', message: id, what: kind, to, text }, `asked ${id}`)
  }

  /** The person sees that it was refused, and whoever wrote it hears why. */
  async #sayRefused(
    input: TaskInput,
    { name, file, at, key }: { name: string; file: PlainFile; at: number; key: string },
    reason: string,
  ): Promise<void> {
    const { board, roster } = this.#parts
    const shown = plainLine(name, 80)
    await this.#keepRefused(input, name, file.text)
    roster.note(input, { message: { at, kind: 'refused', text: `${shown} in the outbox was not taken: ${reason}` } })
    const feature = featureOf(input)
    const note = { kind: 'note', from: ORCH, to: [input.handle], text: `Your message (${shown}) was not taken: ${reason}.` } as const
    await board.take(input.project, { ...note, ...(feature !== undefined && { feature }) }, `refused ${this.#source(input, key)}`)
  }

  async #keepRefused(input: TaskInput, name: string, text: string): Promise<void> {
    const folder = join(boardFolder(this.#parts.home, input.project), 'refused')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await replaceFile(join(folder, refusedName(input.handle, name)), text)
  }

  /** How long it has to wait, in milliseconds; 0 when it is taken now, and then it counts. What was taken before does not count twice. */
  #hold(input: TaskInput, key: string, rate: Rate, now: number): number {
    const { board } = this.#parts
    if (board.findSource(input.project, this.#source(input, key)) !== undefined) return 0
    const name = `${input.handle} ${rate}`
    const recent = (this.#times.get(name) ?? this.#timesOnBoard(input, rate)).slice(-KEPT_TIMES)
    const ms = waitMs(recent, now)
    this.#times.set(name, ms > 0 ? recent : [...recent, now])
    return ms
  }

  /** Claims alone are notes to nobody. */
  #timesOnBoard({ handle, project }: TaskInput, rate: Rate): readonly number[] {
    const own = this.#parts.board.messages(project).filter(({ from }) => from === handle)
    const counted = own.filter(({ kind, to }) => (kind === 'note' && to.length === 0) === (rate === 'claimed'))
    return counted.map(({ takenAt }) => takenAt)
  }

  #source(input: TaskInput, key: string): string {
    return `${this.#parts.roster.record(input.handle)?.runId ?? input.handle}/${key}`
  }
}

type ClaimKind = 'done' | 'checkpoint' | 'blocked'
/** A claim about the own work does not wait behind many words, and has its own bound. */
type Rate = 'said' | 'claimed'

const KEPT_TIMES = 100

/** A name may be used again for other words, and words may be said again under it later. */
function keyOf(name: string, { text, at }: PlainFile): string {
  return `${plainLine(name, 120)} ${at} ${createHash('sha256').update(name).update('\0').update(text).digest('hex').slice(0, 12)}`
}

/** The agent chose the file's name; here it is one that a terminal and a file system can bear. */
function refusedName(handle: string, name: string): string {
  const plain = `${handle}-${name}`.replace(/[^A-Za-z0-9._-]+/g, '_')
  if (plain === `${handle}-${name}` && plain.length <= 200) return plain
  return `${plain.slice(0, 150)}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}.md`
}
