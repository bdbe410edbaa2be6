import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Place } from '../place.ts'
import { withRepositoryLock } from '../repository-lock.ts'

/**
 * orch's own names in the repository's `info/exclude`, as one block between two marks, so that `git add -A` in a worktree never takes them.
 * The file is shared with the main worktree, so every pattern is anchored and names exactly one path.
 */
export async function ensureExcluded(place: Place, paths: readonly string[]): Promise<void> {
  const wanted = [...ALWAYS, ...paths.map(patternOf)]
  const { inside } = split(await readFile(join(place.commonDir, 'info/exclude'), 'latin1').catch(() => ''))
  if (wanted.every((line) => inside.includes(Buffer.from(line, 'utf8').toString('latin1')))) return
  await withRepositoryLock(place, 'exclude', () =>
    rewrite(place, (lines) => [...new Set([...lines, ...wanted.map((line) => Buffer.from(line, 'utf8').toString('latin1'))])]),
  )
}

/** Those of the paths that orch's block does not name yet. */
export async function notExcluded(place: Place, paths: readonly string[]): Promise<string[]> {
  const { inside } = split(await readFile(join(place.commonDir, 'info/exclude'), 'latin1').catch(() => ''))
  const known = new Set(inside.map((line) => Buffer.from(line, 'latin1').toString('utf8')))
  return ALWAYS.every((line) => known.has(line)) ? paths.filter((path) => !known.has(patternOf(path))) : [...paths]
}

export async function removeExcluded(place: Place): Promise<void> {
  await withRepositoryLock(place, 'exclude', () => rewrite(place, () => []))
}

/** An anchored gitignore pattern that matches this one path and nothing else. */
export function patternOf(path: string): string {
  return `/${path.replace(/[\\*?[\]!#]/g, '\\$&').replace(/ +(?=\/?$)/, (spaces) => '\\ '.repeat(spaces.length))}`
}

/** What sessions learn is not their branch's, unless the repository keeps its own in git. */
export const BRAIN = '.planning/brain/'
const ALWAYS = ['/TASK.md', '/AGENT_NOTES.md', '/.orch/']
const START = '# >>> orch: files that it writes into worktrees >>>'
const END = '# <<< orch <<<'

async function rewrite(place: Place, change: (lines: readonly string[]) => readonly string[]): Promise<void> {
  const path = await realpath(join(place.commonDir, 'info/exclude')).catch(() => join(place.commonDir, 'info/exclude'))
  const before = await readFile(path, 'latin1').catch(() => '')
  const { outside, inside } = split(before)
  const wanted = change(inside).filter((line) => !/[\n\r\0]/.test(line))
  const head = outside === '' || outside.endsWith('\n') ? outside : `${outside}\n`
  const after = wanted.length === 0 ? outside : `${head}${[START, ...wanted, END].join('\n')}\n`
  if (after !== before) await replace(path, Buffer.from(after, 'latin1'))
}

function split(text: string): { outside: string; inside: string[] } {
  const start = text.indexOf(START)
  const end = text.indexOf(END, start)
  if (start < 0 || end < 0) return { outside: text, inside: [] }
  const rest = text.slice(end + END.length).replace(/^\n/, '')
  return {
    outside: text.slice(0, start) + rest,
    inside: text
      .slice(start + START.length, end)
      .split('\n')
      .filter((line) => line !== ''),
  }
}

/** Readers see the old or the new file; a crash leaves one of them. */
async function replace(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomUUID()}`
  try {
    await writeFile(temporary, content, { flag: 'wx' })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
