import { parsePatch } from 'diff'
import type { PatchFile } from './patch-files.ts'

export type DiffRow = NoteRow | HunkRow | LineRow
export interface NoteRow {
  readonly kind: 'note'
  readonly text: string
}
export interface HunkRow {
  readonly kind: 'hunk'
  /** From 0, through the file. */
  readonly hunk: number
  /** `@@ -1,3 +1,4 @@ function f() {` */
  readonly text: string
  /** Where it begins in the new file. */
  readonly line: number
}
export interface LineRow {
  readonly kind: 'line'
  readonly hunk: number
  readonly sign: ' ' | '+' | '-'
  /** As it is in the file: not safe for a terminal. */
  readonly text: string
  readonly old: number | undefined
  readonly new: number | undefined
  /** The last line of a file that does not end with a line end. */
  readonly hasNoEnd: boolean
}

/** The rows of one file, top to bottom: hunk headings, their lines, and notes where there is no content to show. */
export function diffRows(file: PatchFile): readonly DiffRow[] {
  if (file.text === undefined) return [note('too large to show: `orch diff --stat` counts its lines')]
  if (file.isBinary) return [note('a binary file')]
  const modes = /^old mode (\d+)\nnew mode (\d+)$/m.exec(file.text.slice(0, 2000))
  const rows: DiffRow[] = modes === null ? [] : [note(`its mode changed from ${modes[1]} to ${modes[2]}`)]
  const headings = file.text.match(/^@@ .*$/gm) ?? []
  for (const [at, hunk] of parsed(file.text).entries())
    rows.push({ kind: 'hunk', hunk: at, text: headings[at] ?? '', line: hunk.newStart }, ...lineRows(hunk, at))
  return rows.length > 0 ? rows : [note(file.change === 'renamed' ? 'renamed, nothing else' : 'empty')]
}

type Hunk = ReturnType<typeof parsePatch>[number]['hunks'][number]

/** Parsed from its first hunk on, so that no name of a file is taken for something else. A file that became a link is two parts. */
function parsed(text: string): readonly Hunk[] {
  const parts = text.split(/^(?=diff --git )/m)
  return parts.flatMap((part) => {
    const start = part.search(/^@@ /m)
    return start === -1 ? [] : parsePatch(part.slice(start)).flatMap(({ hunks }) => hunks)
  })
}

function lineRows({ lines, oldStart, newStart }: Hunk, hunk: number): readonly DiffRow[] {
  let [old, next] = [oldStart, newStart]
  return lines.flatMap((line, at): readonly LineRow[] => {
    const sign = line.slice(0, 1)
    // The line about the missing line end belongs to the one before it.
    if (sign === '\\') return []
    const row = { kind: 'line', hunk, text: line.slice(1), hasNoEnd: lines[at + 1]?.startsWith('\\') ?? false } as const
    if (sign === '+') return [{ ...row, sign, old: undefined, new: next++ }]
    if (sign === '-') return [{ ...row, sign, old: old++, new: undefined }]
    return [{ ...row, sign: ' ', old: old++, new: next++ }]
  })
}

function note(text: string): NoteRow {
  return { kind: 'note', text }
}
