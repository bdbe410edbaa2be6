import type { ConflictFile } from './parts-overlap.ts'

/** What stands between git's marks, in the words of `Repository.conflictHunks`; `one` is ours. Text that looks like a mark costs a wrong hunk, no more. */
export function hunksBetweenMarks(text: string): ConflictFile['hunks'] {
  const hunks: { line: number; one: string; other: string }[] = []
  let line = 1
  let open: { readonly begin: number; readonly one: string[]; readonly other: string[]; isMiddle: boolean } | undefined
  for (const each of text.split('\n')) {
    const [, shown] = /^@@ line (\d+) @@$/.exec(each) ?? []
    if (open === undefined && shown !== undefined) line = Number(shown) - 1
    else if (open === undefined) open = /^<{7,} ours/.test(each) ? { begin: line, one: [], other: [], isMiddle: false } : undefined
    else if (/^>{7,} theirs/.test(each)) {
      hunks.push({ line: open.begin, one: open.one.join(''), other: open.other.join('') })
      open = undefined
    } else if (!open.isMiddle && /^={7,}\r?$/.test(each)) open.isMiddle = true
    else (open.isMiddle ? open.other : open.one).push(`${each}\n`)
    line++
  }
  return hunks
}
