import { join } from 'node:path'
import { numberOfId, parseBoardFile } from '../../domain/board/board-file.ts'
import type { BoardMessage, Receipt } from '../../domain/board/message.ts'
import { type KeptReceipt, parseReceipts, receiptsOf } from '../../domain/board/receipts.ts'
import { boardFolder } from '../../config/home.ts'
import { namesIn, textOf } from './plain-files.ts'

export interface ShownMessage {
  readonly message: BoardMessage
  readonly receipts: readonly Receipt[]
}

/** One project's board as the daemon left it on disk, in order; what cannot be read is passed over. */
export function loadBoard(home: string, project: string): readonly ShownMessage[] {
  const messages = loadMessages(home, project)
  const folder = join(boardFolder({ root: home }, project), 'receipts')
  const kept = new Set(namesIn(folder))
  const replies = new Map<string, BoardMessage[]>()
  for (const message of messages) {
    if (message.inReplyTo === undefined) continue
    replies.set(message.inReplyTo, [...(replies.get(message.inReplyTo) ?? []), message])
  }
  return messages.map((message) => {
    const name = `${message.id}.json`
    const receipts = kept.has(name) ? keptReceipts(join(folder, name)) : []
    return { message, receipts: receiptsOf(message, receipts, replies.get(message.id) ?? []) }
  })
}

/** The same without how far they have come. A message never changes: those that are known are not read again. */
export function loadMessages(home: string, project: string, known: readonly BoardMessage[] = []): readonly BoardMessage[] {
  const folder = join(boardFolder({ root: home }, project), 'messages')
  const numbers = namesIn(folder).flatMap((name) => numberOfId(name.replace(/\.md$/, '')) ?? [])
  const byId = new Map(known.map((message) => [message.id, message]))
  return numbers
    .toSorted((a, b) => a - b)
    .flatMap((number) => byId.get(`m${number}`) ?? parseBoardFile(textOf(join(folder, `m${number}.md`))) ?? [])
}

function keptReceipts(path: string): readonly KeptReceipt[] {
  try {
    return parseReceipts(JSON.parse(textOf(path)))
  } catch {
    return []
  }
}
