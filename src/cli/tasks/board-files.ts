import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { numberOfId, parseBoardFile } from '../../domain/board/board-file.ts'
import type { BoardMessage, Receipt } from '../../domain/board/message.ts'
import { type KeptReceipt, receiptsOf } from '../../domain/board/receipts.ts'
import { boardFolder } from '../../config/home.ts'

export interface ShownMessage {
  readonly message: BoardMessage
  readonly receipts: readonly Receipt[]
}

/** One project's board as the daemon left it on disk, in order; what cannot be read is passed over. */
export function loadBoard(home: string, project: string): readonly ShownMessage[] {
  const folder = boardFolder({ root: home }, project)
  const numbers = namesIn(join(folder, 'messages')).flatMap((name) => numberOfId(name.replace(/\.md$/, '')) ?? [])
  const messages = numbers
    .toSorted((a, b) => a - b)
    .flatMap((number) => parseBoardFile(textOf(join(folder, 'messages', `m${number}.md`))) ?? [])
  return messages.map((message) => {
    const replies = messages.filter(({ inReplyTo }) => inReplyTo === message.id)
    return { message, receipts: receiptsOf(message, keptReceipts(join(folder, 'receipts', `${message.id}.json`)), replies) }
  })
}

/** Names of the projects that this repository is known by; of all where none is given. */
export function projectsOf(home: string, repository: string | undefined): readonly string[] {
  const projects = namesIn(join(home, 'projects'))
  if (repository === undefined) return projects
  return projects.filter((project) => {
    try {
      const known: unknown = JSON.parse(textOf(join(home, 'projects', project, 'project.json')))
      return (known as { repository?: unknown }).repository === repository
    } catch {
      return false
    }
  })
}

function keptReceipts(path: string): readonly KeptReceipt[] {
  try {
    const value: unknown = JSON.parse(textOf(path))
    return Array.isArray(value) ? value.filter((one: unknown) => typeof (one as { to?: unknown } | null)?.to === 'string') : []
  } catch {
    return []
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
