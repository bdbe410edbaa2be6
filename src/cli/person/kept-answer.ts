import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type OutboxFile, renderOutboxFile } from '../../domain/board/outbox-file.ts'
import { personOutbox } from '../../config/home.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'

/** Keeps an answer for the next daemon: whole and on disk before it has its name. */
export async function keepAnswer(home: string, answer: OutboxFile, at: Date): Promise<void> {
  const folder = personOutbox({ root: home })
  await ensurePrivateDirectory(folder)
  const name = `${at.toISOString().replace(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}.md`
  await replaceFile(join(folder, name), renderOutboxFile({ ...answer, at: at.toISOString() }))
}
