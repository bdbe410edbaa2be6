import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { numberOfId, parseBoardFile, renderBoardFile } from '../../domain/board/board-file.ts'
import type { BoardMessage, NewMessage, Party, Receipt } from '../../domain/board/message.ts'
import { type KeptReceipt, parseReceipts, pendingReceivers, receiptsOf } from '../../domain/board/receipts.ts'
import { Turns } from '../../foundation/turns.ts'
import { boardFolder, type Home } from '../../config/home.ts'
import { addFile, loadJson, loadText, replaceFile } from '../../platform/files.ts'

/** The messages of all projects, as files and in memory. A message never changes; what its receivers have got lies beside it. */
export class BoardStore {
  readonly #home: Pick<Home, 'root'>
  readonly #now: () => number
  readonly #boards = new Map<string, ProjectBoard>()

  constructor(home: Pick<Home, 'root'>, now: () => number) {
    this.#home = home
    this.#now = now
  }

  /** Everything that earlier daemons took. A file that cannot be read keeps its number and is passed over. */
  async load(): Promise<void> {
    const projects = await readdir(join(this.#home.root, 'projects')).catch(() => [])
    for (const project of projects) await this.#loadProject(project)
  }

  /**
   * Puts it on the board under the next number; what was made of the same source is there already. `refuse` throws where it may not stand beside
   * what is there: nothing comes in between.
   */
  add(
    project: string,
    message: NewMessage,
    source: string,
    { writtenAt, refuse }: { writtenAt?: number; refuse?: () => void } = {},
  ): Promise<{ message: BoardMessage; isNew: boolean }> {
    const board = this.#board(project)
    return board.adding.take(async () => {
      const known = board.bySource.get(source)
      if (known !== undefined) return { message: known, isNew: board.found.delete(source) }
      refuse?.()
      const takenAt = this.#now()
      const parent = message.inReplyTo === undefined ? undefined : board.byId.get(message.inReplyTo)
      const facts = { takenAt, writtenAt: Math.min(writtenAt ?? takenAt, takenAt), hops: parent === undefined ? 0 : parent.hops + 1 }
      const added = await this.#write(board, { ...message, project, source, ...facts })
      return { message: added, isNew: true }
    })
  }

  find(project: string, id: string): BoardMessage | undefined {
    return this.#boards.get(project)?.byId.get(id)
  }

  findSource(project: string, source: string): BoardMessage | undefined {
    return this.#boards.get(project)?.bySource.get(source)
  }

  /** In the order in which they were taken. */
  messages(project: string): readonly BoardMessage[] {
    return [...(this.#boards.get(project)?.byId.values() ?? [])]
  }

  all(): readonly BoardMessage[] {
    return [...this.#boards.keys()].flatMap((project) => this.messages(project))
  }

  decisions(project: string): readonly BoardMessage[] {
    return this.#boards.get(project)?.decisions ?? []
  }

  replies({ project, id }: BoardMessage): readonly BoardMessage[] {
    return this.#boards.get(project)?.replies.get(id) ?? []
  }

  receipts(message: BoardMessage): readonly Receipt[] {
    return receiptsOf(message, this.#kept(message), this.replies(message))
  }

  pending(message: BoardMessage): readonly Party[] {
    return pendingReceivers(message, this.#kept(message))
  }

  /** The first word counts: what was delivered stays so. Answers whether it was news. */
  async close(message: BoardMessage, receipt: KeptReceipt): Promise<boolean> {
    if (!this.pending(message).includes(receipt.to)) return false
    const kept = [...this.#kept(message).filter(({ to }) => to !== receipt.to), receipt]
    const board = this.#board(message.project)
    board.kept.set(message.id, kept)
    await board.closing.take(async () => {
      const folder = join(boardFolder(this.#home, message.project), 'receipts')
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // What a machine's crash takes away is seen again in the agent's record.
      await replaceFile(join(folder, `${message.id}.json`), JSON.stringify(this.#kept(message)), { survives: 'kill' })
    })
    return true
  }

  #kept({ project, id }: BoardMessage): readonly KeptReceipt[] {
    return this.#boards.get(project)?.kept.get(id) ?? []
  }

  #board(project: string): ProjectBoard {
    const board = this.#boards.get(project) ?? new ProjectBoard()
    this.#boards.set(project, board)
    return board
  }

  async #loadProject(project: string): Promise<void> {
    const folder = boardFolder(this.#home, project)
    const [names, receipts] = await Promise.all(
      ['messages', 'receipts'].map((each) => readdir(join(folder, each)).catch((): string[] => [])),
    )
    const numbers = (names ?? []).flatMap((name) => numberOfId(name.replace(/\.md$/, '')) ?? []).toSorted((a, b) => a - b)
    const isKept = new Set(receipts)
    for (let at = 0; at < numbers.length; at += READ_AT_ONCE) {
      const some = numbers.slice(at, at + READ_AT_ONCE)
      const texts = await Promise.all(some.map((number) => loadText(join(folder, 'messages', `m${number}.md`))))
      const kept = await Promise.all(some.map(async (number) => (isKept.has(`m${number}.json`) ? loadReceipts(folder, number) : undefined)))
      for (const [index, number] of some.entries()) this.#recall(project, number, texts[index] ?? '', kept[index])
    }
  }

  #recall(project: string, number: number, text: string, kept: readonly KeptReceipt[] | undefined): void {
    const board = this.#board(project)
    board.last = number
    const message = parseBoardFile(text)
    if (message?.id !== `m${number}` || message.project !== project) return
    board.put(message)
    if (kept !== undefined) board.kept.set(message.id, kept)
  }

  /** A number that is taken, by whomever, is never written over; what is there already, as the disk failed after it, is found. */
  async #write(board: ProjectBoard, facts: Omit<BoardMessage, 'id'>): Promise<BoardMessage> {
    const folder = join(boardFolder(this.#home, facts.project), 'messages')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (;;) {
      const message = { id: `m${board.last + 1}`, ...facts }
      const path = join(folder, `${message.id}.md`)
      const isAdded = await addFile(path, renderBoardFile(message))
      const there = isAdded ? message : parseBoardFile((await loadText(path)) ?? '')
      board.last++
      if (there?.id !== message.id || there.project !== message.project) continue
      board.put(there)
      if (there.source === message.source) return there
      board.found.add(there.source)
    }
  }
}

const READ_AT_ONCE = 64

function loadReceipts(folder: string, number: number): Promise<readonly KeptReceipt[] | undefined> {
  return loadJson(join(folder, 'receipts', `m${number}.json`), parseReceipts).catch(() => undefined)
}

/** One project's messages in memory. */
class ProjectBoard {
  readonly byId = new Map<string, BoardMessage>()
  readonly bySource = new Map<string, BoardMessage>()
  readonly replies = new Map<string, BoardMessage[]>()
  readonly kept = new Map<string, readonly KeptReceipt[]>()
  readonly decisions: BoardMessage[] = []
  /** Sources of messages that a disk kept and failed after: whoever says them has not come back yet. */
  readonly found = new Set<string>()
  readonly adding = new Turns()
  readonly closing = new Turns()
  last = 0

  put(message: BoardMessage): void {
    this.byId.set(message.id, message)
    this.bySource.set(message.source, message)
    if (message.kind === 'decision') this.decisions.push(message)
    if (message.inReplyTo === undefined) return
    const replies = this.replies.get(message.inReplyTo) ?? []
    this.replies.set(message.inReplyTo, [...replies, message])
  }
}
