import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseBoardFile } from '../../domain/board/board-file.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import { boardFolder, personOutbox } from '../../config/home.ts'

/** What the person said while no daemon ran; `about` is a request's id or, with a project, a message's. */
export interface KeptAnswer {
  readonly project: string | undefined
  readonly about: string
  readonly at: string
  readonly decision: string | undefined
  readonly text: string
}

/** Everything on the boards of all projects, as the daemon left it on disk; what cannot be read says nothing. */
export function loadBoards(home: string): readonly BoardMessage[] {
  return namesIn(join(home, 'projects')).flatMap((project) => {
    const folder = join(boardFolder({ root: home }, project), 'messages')
    return namesIn(folder)
      .filter((name) => /^m\d+\.md$/.test(name))
      .flatMap((name) => {
        const message = parseBoardFile(textOf(join(folder, name)))
        return message?.project === project && `${message.id}.md` === name ? [message] : []
      })
  })
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

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
