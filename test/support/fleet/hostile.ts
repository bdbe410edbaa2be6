import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

/** Made visible where it is written, so that a reader of the test sees what is sent. */
export const ESC = '\u001b'

/** What would act on a terminal or lie to its reader: C0 but tab and line feed, DEL, C1, direction overrides, invisible characters. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const ACTS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u2028\u2029]/u

export function expectHarmless(text: string, what: string): void {
  const found = ACTS.exec(text)
  const around = found === null ? '' : text.slice(Math.max(0, found.index - 40), found.index + 40)
  expect(found === null ? 'harmless' : `${what}: ${JSON.stringify(around)} (U+${text.charCodeAt(found.index).toString(16)})`).toBe(
    'harmless',
  )
}

/** Every file and folder below, as paths relative to it; links are named, not followed. */
export function* walk(folder: string, below = ''): Generator<{ path: string; kind: 'file' | 'folder' | 'other' }> {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name)
    const kind = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other'
    yield { path, kind }
    if (kind === 'folder') yield* walk(folder, path)
  }
}

/** An attack that worked leaves a file of this name. */
const TRACE = 'PWNED'

export function expectNoTrace(...folders: readonly string[]): void {
  const found = folders.flatMap((folder) =>
    [...walk(folder)].filter(({ path }) => path.split('/').at(-1) === TRACE).map(({ path }) => join(folder, path)),
  )
  expect(found).toEqual([])
}

/** Paths of regular files below `folder` whose bytes hold `text`. */
export function filesHolding(folder: string, text: string): string[] {
  return [...walk(folder)]
    .filter(({ path, kind }) => kind === 'file' && readFileSync(join(folder, path)).includes(text))
    .map(({ path }) => path)
}

/** orch.yaml with a shell script as the agent; it runs once for each session, in the worktree. */
export function shellAgent(script: string, more = 'validate: "true"\n'): string {
  return `agent:\n  command: [sh, -c, ${JSON.stringify(script)}]\n${more}`
}

/** A session that makes one commit of one file that is its own. */
export const COMMITS = 'printf "%s" "$ORCH_TASK" > "$ORCH_TASK.txt" && git add -A && git commit -qm "Work of $ORCH_TASK"'
