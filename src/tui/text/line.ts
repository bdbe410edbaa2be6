import stringWidth from 'string-width'

/** How a piece of a line looks. What is not in the table of paint.ts is not a look. */
export type Tone =
  | 'added'
  | 'removed'
  | 'heading'
  | 'faint'
  | 'strong'
  | 'key'
  | 'good'
  | 'bad'
  | 'warning'
  | 'keyword'
  | 'string'
  | 'number'
  | 'comment'
  | 'name'
  | 'type'

export interface Span {
  /** Safe for a terminal: see visible.ts. */
  readonly text: string
  readonly tone?: Tone | undefined
  /** A changed word, or what a search found. */
  readonly isMarked?: boolean | undefined
  /** The cell where it must begin, also in a terminal that believes what stands before it to be wider or narrower than we do. */
  readonly column?: number | undefined
}

/** One row of a terminal. */
export type Line = readonly Span[]

export function lineOf(text: string, tone?: Tone): Line {
  return [{ text, tone }]
}

export function textOf(line: Line): string {
  return line.map((span) => span.text).join('')
}

/** In terminal cells: wide characters take two, combining ones none. */
export function widthOf(line: Line): number {
  return line.reduce((sum, span) => sum + textWidth(span.text), 0)
}

export function textWidth(text: string): number {
  return isNarrow(text) ? text.length : stringWidth(text)
}

/** Exactly `width` cells, from the cell `from`: what is lost on the right is told by an ellipsis, what is missing filled with spaces. */
export function fitLine(line: Line, width: number, from = 0): Line {
  const whole = widthOf(line) - from
  if (from === 0 && whole <= width) return whole === width ? line : [...line, { text: ' '.repeat(width - whole) }]
  const isCut = whole > width
  const kept = sliceLine(line, from, from + (isCut ? width - 1 : width))
  const filler = Math.max(0, width - widthOf(kept) - (isCut ? 1 : 0))
  return [...kept, { text: `${' '.repeat(filler)}${isCut && width > 0 ? '…' : ''}`, tone: 'faint' }]
}

/** As many rows as the line takes at this width. */
export function wrapLine(line: Line, width: number): readonly Line[] {
  const whole = widthOf(line)
  if (whole <= width) return [line]
  const rows: Line[] = []
  for (let from = 0; from < whole;) {
    const row = sliceLine(line, from, from + width)
    rows.push(row)
    // A wide character that did not fit stands first in the next row.
    from += Math.max(1, widthOf(row))
  }
  return rows
}

/** The cells from `from` to before `to`; a wide character that would be cut in half is left out, on the left as a space. */
function sliceLine(line: Line, from: number, to: number): Line {
  const kept: Span[] = []
  let at = 0
  for (const span of line) {
    const width = textWidth(span.text)
    if (at + width > from && at < to) {
      const text = sliceText(span.text, from - at, to - at)
      if (text !== '') kept.push({ ...span, text })
    }
    at += width
  }
  return kept
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

function sliceText(text: string, from: number, to: number): string {
  if (isNarrow(text)) return text.slice(Math.max(0, from), to)
  let kept = ''
  let at = 0
  for (const { segment } of graphemes.segment(text)) {
    const next = at + stringWidth(segment)
    if (next > to) break
    if (at >= from) kept += segment
    else if (next > from) kept += ' '.repeat(next - from)
    at = next
  }
  return kept
}

/** Characters of one cell each that screens are made of; measuring others takes as long as drawing the rest of their row. */
function isNarrow(text: string): boolean {
  return /^[ -~·×±À-ÖØ-öø-ÿ‹›…←-⇿─-╿■-◼✓✗]*$/.test(text)
}
