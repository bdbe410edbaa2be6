import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'

/** Handles and the commits at which a person went past them. It is theirs alone: losing it costs a look. */
export function loadSkipped(home: string): ReadonlyMap<string, string> {
  try {
    const value: unknown = JSON.parse(readFileSync(pathOf(home), 'utf8'))
    if (typeof value !== 'object' || value === null) return new Map()
    return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return new Map()
  }
}

export async function keepSkipped(home: string, handle: string, commit: string): Promise<void> {
  await ensurePrivateDirectory(home)
  await replaceFile(pathOf(home), JSON.stringify({ ...Object.fromEntries(loadSkipped(home)), [handle]: commit }))
}

function pathOf(home: string): string {
  return join(home, 'skipped.json')
}
