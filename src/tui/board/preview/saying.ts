import type { LogResponse } from '../../../protocol/responses.ts'
import { type Line, type Span, textWidth, type Tone, wrapLine } from '../../text/line.ts'
import { visibleText } from '../../text/visible.ts'

/** One thing that a session said or did. */
export type Saying = LogResponse['lines'][number]

/** Broken at spaces into rows of that width, behind the sign of its kind. */
export function sayingRows({ kind, text, at }: Saying, columns: number): readonly Line[] {
  const [sign, tone] = SIGNS[kind] ?? ['·', undefined]
  const words = kind === 'turn-ended' ? `${text} · ${clockTime(at)}` : text
  const rows = words
    .replace(/\n+$/, '')
    .split('\n')
    .flatMap((line) => wrapWords(visibleText(line), Math.max(10, columns - 2)))
  return rows.map((row, index): Line => [
    { text: index === 0 ? `${sign} ` : '  ', tone },
    ...row.map((span): Span => ({ ...span, tone: wordsTone(kind, tone) })),
  ])
}

function wordsTone(kind: string, tone: Tone | undefined): Tone | undefined {
  return kind === 'text' ? undefined : tone
}

/** The signs of kinds; words without one are told apart all the same. */
const SIGNS: Readonly<Record<string, readonly [sign: string, tone: Tone | undefined]>> = {
  text: ['●', 'strong'],
  'tool-started': ['›', 'key'],
  'tool-ended': ['✗', 'bad'],
  'permission-asked': ['!', 'warning'],
  retrying: ['~', 'warning'],
  limit: ['~', 'warning'],
  'turn-ended': ['─', 'faint'],
  started: ['─', 'faint'],
  exited: ['─', 'faint'],
}

/** At spaces where there are any; a word that is wider than the row is cut. */
export function wrapWords(text: string, width: number): readonly Line[] {
  if (textWidth(text) <= width) return [[{ text }]]
  const rows: Line[] = []
  let row = ''
  for (const word of text.split(/(?<=\s)(?=\S)/)) {
    if (row !== '' && textWidth(row + word.trimEnd()) > width) {
      rows.push([{ text: row.trimEnd() }])
      row = ''
    }
    const pieces = wrapLine([{ text: row + word }], width)
    rows.push(...pieces.slice(0, -1))
    row = (pieces.at(-1) ?? []).map((span) => span.text).join('')
  }
  return [...rows, [{ text: row.trimEnd() }]]
}

/** The time of day where the person is. */
function clockTime(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 5)
}
