import type { AddedLine } from './commit-facts.ts'

/** The lines that a patch adds. `files`: those of the patch, in the order of its text; a retyped one has two parts. */
export function addedLines(text: string, files: readonly { readonly path: string; readonly change: string }[]): AddedLine[] {
  const starts = [...text.matchAll(/^diff --git /gm)].map(({ index }) => index)
  let at = 0
  return files.flatMap(({ path, change }) => {
    const parts = change === 'retyped' ? 2 : 1
    const [start, end] = [starts[at], starts[at + parts]]
    at += parts
    return start === undefined ? [] : addedIn(path, text.slice(start, end))
  })
}

/** Within a hunk every line begins with a sign, so that what looks like a header there is none. */
function addedIn(path: string, part: string): AddedLine[] {
  const found: AddedLine[] = []
  let line = 0
  for (const written of part.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(written)
    if (hunk !== null) line = Number(hunk[1])
    else if (line > 0 && written.startsWith('+')) found.push({ path, line: line++, text: written.slice(1).replace(/\r$/, '') })
    else if (line > 0 && written.startsWith(' ')) line += 1
    else if (written.startsWith('diff --git ')) line = 0
  }
  return found
}
