import type { Sha } from '../../../foundation/brand.ts'
import { mergePairs, nameOf, type Conflict } from '../merging/merge-pairs.ts'
import { inMergeScratch } from '../merging/tree-merge.ts'
import type { Place } from '../place.ts'
import { findMarked, loadTexts } from './marked-files.ts'

/** Both sides of these files' conflicts with their markers and a little around them; what has no text to show is named with git's reason. */
export async function conflictHunks(place: Place, ours: Sha, theirs: Sha, files: readonly string[], maxBytes: number): Promise<string> {
  return inMergeScratch(place, ours, async (scratch) => {
    const [merge] = await mergePairs(scratch, [[ours, theirs]])
    const conflicts = new Map((merge?.kind === 'conflicts' ? merge.conflicts : []).map((conflict) => [nameOf(conflict), conflict]))
    const asked = files.map((file) => conflicts.get(file))
    const tree = merge?.tree
    const names = tree === undefined ? [] : asked.map((conflict) => `${tree}:${conflict?.path ?? ''}`)
    const texts = await loadTexts(scratch, names)
    const parts = files.map((file, at) => [file, ...partsOf(asked[at], texts[at])].join('\n'))
    return cut(parts.map((part) => named(part, ours, theirs)).join('\n\n'), maxBytes)
  })
}

function partsOf(conflict: Conflict | undefined, text = ''): readonly string[] {
  const hunks = hunksOf(text.split('\n'))
  if (hunks.length > 0) return hunks
  return conflict === undefined || conflict.reasons.length === 0 ? ['(no text to show)'] : conflict.reasons
}

const AROUND = 3

function hunksOf(lines: readonly string[]): string[] {
  return findMarked(lines).map(({ begin, end }) => {
    const from = Math.max(0, begin - AROUND)
    return [`@@ line ${from + 1} @@`, ...lines.slice(from, end + 1 + AROUND)].join('\n')
  })
}

function named(text: string, ours: Sha, theirs: Sha): string {
  return text.replaceAll(ours, 'ours').replaceAll(theirs, 'theirs')
}

function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= maxBytes) return text
  const note = '\n(more was left out)'
  return (
    bytes
      .subarray(0, maxBytes - note.length)
      .toString('utf8')
      .replace(/\uFFFD*$/, '') + note
  )
}
