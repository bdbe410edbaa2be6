import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type OutboxFile, outboxFileName, renderOutboxFile } from '../../domain/board/outbox-file.ts'
import { personOutbox } from '../../config/home.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import type { KeptAnswer } from '../../protocol/what-waits.ts'
import { namesIn, textOf } from '../tasks/plain-files.ts'

/** Keeps an answer for the next daemon: whole and on disk before it has its name. */
export async function keepAnswer(home: string, answer: OutboxFile, at: Date): Promise<void> {
  const folder = personOutbox({ root: home })
  await ensurePrivateDirectory(folder)
  const name = outboxFileName(at.toISOString(), randomUUID().slice(0, 8))
  await replaceFile(join(folder, name), renderOutboxFile({ ...answer, at: at.toISOString() }))
}

export function loadKeptAnswers(home: string): readonly KeptAnswer[] {
  const folder = personOutbox({ root: home })
  return namesIn(folder)
    .filter((name) => name.endsWith('.md') && !name.startsWith('.'))
    .flatMap((name) => {
      const facts = factsOf(textOf(join(folder, name)))
      const about = facts.get('request') ?? facts.get('inReplyTo')
      const [project, decision] = [facts.get('project'), facts.get('decision')]
      return about === undefined ? [] : [{ project, about, at: facts.get('at') ?? '', decision, text: facts.get('message') ?? '' }]
    })
}

/** Front matter as orch writes it: a JSON value in each line. What a person wrote by hand is the daemon's to read. */
function factsOf(text: string): ReadonlyMap<string, string> {
  const facts = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Za-z]+): (".*")$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    try {
      facts.set(name, String(JSON.parse(value)))
    } catch {}
  }
  return facts
}
