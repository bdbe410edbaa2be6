import type { Span, Tone } from '../text/line.ts'
import { visibleSpans } from '../text/visible.ts'
import type { PatchFile } from './patch-files.ts'
import { diffRows, type DiffRow, type HunkRow, type LineRow, type NoteRow } from './rows.ts'
import type { Piece, Syntax } from './syntax.ts'
import { changedWords, type Range } from './words.ts'

/** One row of a body: over the whole width, or before and after side by side. */
export type BodyRow = NoteRow | HunkRow | LineRow | PairRow
export interface PairRow {
  readonly kind: 'pair'
  readonly hunk: number
  readonly before: LineRow | undefined
  readonly after: LineRow | undefined
}

export interface Look {
  readonly hasWords: boolean
  readonly syntax: Syntax | undefined
}

/** One file of a patch. Everything is computed when it is first looked at and then kept, hunk by hunk. */
export class FileDiff {
  readonly file: PatchFile
  #rows: readonly DiffRow[] | undefined
  #pairs: readonly BodyRow[] | undefined
  #partners: ReadonlyMap<LineRow, LineRow> | undefined
  readonly #words = new Map<LineRow, readonly Range[]>()
  readonly #pieces = new Map<Syntax, Map<number, ReadonlyMap<LineRow, readonly Piece[]>>>()

  constructor(file: PatchFile) {
    this.file = file
  }

  rows(): readonly DiffRow[] {
    return (this.#rows ??= diffRows(this.file))
  }

  body(layout: 'unified' | 'side-by-side'): readonly BodyRow[] {
    return layout === 'unified' ? this.rows() : (this.#pairs ??= pairRows(this.rows()))
  }

  /** The text of a line, safe for a terminal, in the colours of its language, with the words that changed marked. */
  spans(row: LineRow, { hasWords, syntax }: Look): readonly Span[] {
    const plain: Tone | undefined = row.sign === '+' ? 'added' : row.sign === '-' ? 'removed' : undefined
    const pieces = syntax === undefined ? undefined : this.#piecesOf(row, syntax)
    const spans = visibleSpans(marked(pieces ?? [{ text: row.text, tone: plain }], hasWords ? this.#wordsOf(row) : []))
    return row.hasNoEnd ? [...spans, { text: ' (no line end)', tone: 'faint' }] : spans
  }

  #wordsOf(row: LineRow): readonly Range[] {
    this.#partners ??= partnersOf(this.rows())
    const partner = this.#partners.get(row)
    if (partner === undefined) return []
    const known = this.#words.get(row)
    if (known !== undefined) return known
    const [before, after] = row.sign === '-' ? [row, partner] : [partner, row]
    const words = changedWords(before.text, after.text)
    this.#words.set(before, words?.old ?? [])
    this.#words.set(after, words?.new ?? [])
    return this.#words.get(row) ?? []
  }

  #piecesOf(row: LineRow, syntax: Syntax): readonly Piece[] | undefined {
    const hunks = this.#pieces.get(syntax) ?? new Map<number, ReadonlyMap<LineRow, readonly Piece[]>>()
    this.#pieces.set(syntax, hunks)
    const known = hunks.get(row.hunk)
    if (known !== undefined) return known.get(row)
    const pieces = colourHunk(this.rows(), row.hunk, syntax)
    hunks.set(row.hunk, pieces)
    return pieces.get(row)
  }
}

/** Runs of removed and of added lines stand beside each other, in order. */
function pairRows(rows: readonly DiffRow[]): readonly BodyRow[] {
  const body: BodyRow[] = []
  for (let at = 0; at < rows.length;) {
    const row = rows[at]
    if (row === undefined) break
    if (row.kind !== 'line') {
      body.push(row)
      at += 1
    } else if (row.sign === ' ') {
      body.push({ kind: 'pair', hunk: row.hunk, before: row, after: row })
      at += 1
    } else {
      const { before, after, end } = changeAt(rows, at)
      for (let line = 0; line < Math.max(before.length, after.length); line += 1)
        body.push({ kind: 'pair', hunk: row.hunk, before: before[line], after: after[line] })
      at = end
    }
  }
  return body
}

/** The removed and then added lines that begin here. */
function changeAt(rows: readonly DiffRow[], start: number): { before: readonly LineRow[]; after: readonly LineRow[]; end: number } {
  const take = (sign: '-' | '+', from: number): readonly LineRow[] => {
    const lines: LineRow[] = []
    for (let at = from; ; at += 1) {
      const row = rows[at]
      if (row?.kind !== 'line' || row.sign !== sign) return lines
      lines.push(row)
    }
  }
  const before = take('-', start)
  const after = take('+', start + before.length)
  return { before, after, end: start + before.length + after.length }
}

function partnersOf(rows: readonly DiffRow[]): ReadonlyMap<LineRow, LineRow> {
  const partners = new Map<LineRow, LineRow>()
  for (let at = 0; at < rows.length;) {
    const row = rows[at]
    if (row?.kind !== 'line' || row.sign === ' ') {
      at += 1
      continue
    }
    const { before, after, end } = changeAt(rows, at)
    for (const [line, old] of before.entries()) {
      const next = after[line]
      if (next !== undefined) partners.set(old, next).set(next, old)
    }
    at = end
  }
  return partners
}

/** More is generated, and colouring it takes longer than a person waits. */
const MOST_COLOURED = 100_000

/** Both sides of a hunk are coloured as one text each, so that a comment of several lines is one. */
function colourHunk(rows: readonly DiffRow[], hunk: number, syntax: Syntax): ReadonlyMap<LineRow, readonly Piece[]> {
  const lines = linesOfHunk(rows, hunk)
  const coloured = new Map<LineRow, readonly Piece[]>()
  for (const hidden of ['+', '-'] as const) {
    const side = lines.filter(({ sign }) => sign !== hidden)
    const text = side.map((row) => row.text).join('\n')
    if (text.length > MOST_COLOURED) continue
    const pieces = syntax(text)
    for (const [at, row] of side.entries()) coloured.set(row, pieces[at] ?? [])
  }
  return coloured
}

function linesOfHunk(rows: readonly DiffRow[], hunk: number): readonly LineRow[] {
  return rows.filter((row): row is LineRow => row.kind === 'line' && row.hunk === hunk)
}

/** Cuts the pieces where a marked range begins or ends. */
function marked(pieces: readonly Piece[], ranges: readonly Range[]): readonly Span[] {
  if (ranges.length === 0) return pieces
  const spans: Span[] = []
  let at = 0
  for (const { text, tone } of pieces) {
    const end = at + text.length
    const cuts = [at, ...ranges.flat().filter((cut) => cut > at && cut < end), end]
    for (const [index, from] of cuts.slice(0, -1).entries()) {
      const to = cuts[index + 1] ?? end
      const isMarked = ranges.some(([first, last]) => from >= first && to <= last)
      spans.push({ text: text.slice(from - at, to - at), tone, isMarked })
    }
    at = end
  }
  return spans
}
