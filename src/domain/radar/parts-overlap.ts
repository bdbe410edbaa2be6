import { type OverlapFact, partyName, type PartySide } from './overlap-fact.ts'

/** Two parts of one feature that would conflict if both landed as they are now. `one` stands before `other` by name; the texts are the agents' own. */
export type PartsOverlap = {
  readonly one: OverlapPart
  readonly other: OverlapPart
  /** The first files; there are `fileCount`. */
  readonly files: readonly ConflictFile[]
  readonly fileCount: number
}

export type OverlapPart = {
  /** Of its task. */
  readonly handle: string
  readonly head: string
  /** Nothing of what overlaps stands uncommitted on this side. */
  readonly isCommitted: boolean
  /** Of this side that conflict, as far as the radar counts them. */
  readonly lines: number
}

export type ConflictFile = {
  readonly path: string
  /** In git's words. */
  readonly kind: string
  /** Empty where there is no text on both sides. */
  readonly hunks: readonly { readonly line: number; readonly one: string; readonly other: string }[]
}

const MOST_FILES = 20
/** Characters of all hunks of a pair. */
const MOST_TEXT = 6000

/** What the radar knows, as far as it is between two of these tasks. */
export function partsOverlaps(facts: readonly OverlapFact[], handles: ReadonlySet<string>): PartsOverlap[] {
  return facts.flatMap(({ one, other, files, fileCount }) => {
    if (other.party.kind !== 'task' || !handles.has(one.party.handle) || !handles.has(other.party.handle)) return []
    return [{ one: toPart(one, files, 'one'), other: toPart(other, files, 'other'), files: boundedHunks(files), fileCount }]
  })
}

/** Says whether anything changed that matters to who settles it: an edit to a line that conflicts anyway does not. */
export function overlapsKey(pairs: readonly PartsOverlap[]): string {
  const sideKey = ({ handle, head, isCommitted }: OverlapPart) => [handle, head, isCommitted]
  return JSON.stringify(
    pairs.map(({ one, other, files, fileCount }) => [sideKey(one), sideKey(other), fileCount, files.map(({ path, kind }) => [path, kind])]),
  )
}

function toPart({ party, head, work }: PartySide, files: OverlapFact['files'], side: 'one' | 'other'): OverlapPart {
  const lines = files.flatMap(({ hunks }) => hunks).reduce((sum, hunk) => sum + countLines(hunk[side]), 0)
  return { handle: partyName(party), head, isCommitted: work === 'committed', lines }
}

export function countLines(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
}

/** As much of them as is good for a message. */
export function boundedHunks(files: readonly ConflictFile[] | OverlapFact['files']): ConflictFile[] {
  let left = MOST_TEXT
  return files.slice(0, MOST_FILES).map(({ path, kind, hunks }) => ({
    path,
    kind,
    hunks: hunks.flatMap((hunk) => {
      left -= hunk.one.length + hunk.other.length
      return left < 0 ? [] : [{ line: hunk.line, one: hunk.one, other: hunk.other }]
    }),
  }))
}
