import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type OutboxFile, outboxFileName, renderOutboxFile } from '../../domain/board/outbox-file.ts'

export type TimedFile = OutboxFile & { readonly at: string }

/** Maildir manners: whole and on disk before it has its name. Answers the name. */
export function writeOutboxFile(folder: string, said: TimedFile): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = outboxFileName(said.at, randomBytes(4).toString('hex'))
  const temporary = join(folder, `.${name}.tmp`)
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, renderOutboxFile(said))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, join(folder, name))
  return name
}
