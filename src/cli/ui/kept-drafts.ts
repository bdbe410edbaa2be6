import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { Drafts } from '../../tui/board/dialogs/drafts.ts'

/** What a person has typed and not sent outlives `orch ui`, however it ends. Where it cannot be written it lives as long as the screen. */
export function openDrafts(home: string): Drafts {
  const path = join(home, 'drafts.json')
  return new Drafts(load(path), (texts) => store(home, path, texts))
}

const Kept = v.record(v.string(), v.string())

function load(path: string): Readonly<Record<string, string>> {
  try {
    return v.parse(Kept, JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return {}
  }
}

function store(home: string, path: string, texts: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(texts), { mode: 0o600 })
    renameSync(`${path}.${process.pid}`, path)
  } catch {}
}
