import { fitLine, wrapLine, type Line, type Tone } from '../text/line.ts'
import { visibleSpans } from '../text/visible.ts'
import type { BodyRow, FileDiff, Look, PairRow } from './file-diff.ts'
import type { LineRow } from './rows.ts'

/** One row of the terminal, exactly so wide; `shift` cells of each text have been scrolled away on the left. */
export function drawRow(row: BodyRow, diff: FileDiff, look: Look, width: number, shift = 0): Line {
  const [line = []] = draw(row, diff, look, width, (text, room) => [fitLine(text, room, shift)])
  return fitLine(line, width)
}

/** As many rows as the text needs; without a width, one. */
export function wrapRow(row: BodyRow, diff: FileDiff, look: Look, width: number | undefined): readonly Line[] {
  return draw(row, diff, look, width ?? Number.MAX_SAFE_INTEGER, (text, room) => wrapLine(text, Math.max(1, room)))
}

type Cut = (text: Line, width: number) => readonly Line[]

function draw(row: BodyRow, diff: FileDiff, look: Look, width: number, cut: Cut): readonly Line[] {
  switch (row.kind) {
    case 'note':
      return [[{ text: `  ${row.text}`, tone: 'faint' }]]
    case 'hunk':
      return [visibleSpans([{ text: row.text, tone: 'key' }])]
    case 'line':
      return cut(diff.spans(row, look), width - GUTTER).map((text, at) => [...(at === 0 ? gutter(row) : blank(GUTTER)), ...text])
    case 'pair':
      return drawPair(row, diff, look, width, cut)
  }
}

const GUTTER = 14
const HALF_GUTTER = 8

function drawPair(row: PairRow, diff: FileDiff, look: Look, width: number, cut: Cut): readonly Line[] {
  const left = Math.floor((width - 1) / 2)
  const before = drawHalf(row, 'before', diff, look, left, cut)
  const after = drawHalf(row, 'after', diff, look, width - 1 - left, cut)
  return Array.from({ length: Math.max(before.length, after.length) }, (_, at) => [
    ...fitLine(before[at] ?? [], left),
    { text: '│', tone: 'faint' },
    ...(after[at] ?? []),
  ])
}

/** A context line stands on both sides, on each with that side's number. */
function drawHalf(row: PairRow, side: 'before' | 'after', diff: FileDiff, look: Look, width: number, cut: Cut): readonly Line[] {
  const line = row[side]
  if (line === undefined) return []
  const number = side === 'before' ? line.old : line.new
  return cut(diff.spans(line, look), width - HALF_GUTTER).map((text, at) => [
    ...(at === 0 ? [{ text: `${numberText(number)} `, tone: 'faint' } as const, signSpan(line)] : blank(HALF_GUTTER)),
    ...text,
  ])
}

/** Both numbers and the sign: `   12    14 + `. */
function gutter(line: LineRow): Line {
  return [{ text: `${numberText(line.old)} ${numberText(line.new)} `, tone: 'faint' }, signSpan(line)]
}

function signSpan({ sign }: LineRow): { text: string; tone: Tone | undefined } {
  return { text: `${sign} `, tone: sign === '+' ? 'added' : sign === '-' ? 'removed' : undefined }
}

function numberText(line: number | undefined): string {
  return (line === undefined ? '' : String(line)).padStart(5)
}

function blank(width: number): Line {
  return [{ text: ' '.repeat(width) }]
}
