import { fitLine, lineOf, textWidth, type Line, type Tone } from '../../text/line.ts'
import type { Size } from '../../terminal/screen.ts'
import { visibleText } from '../../text/visible.ts'
import { wrapWords } from '../../text/wrap-words.ts'

/** A title in a rule, what it is about, and the keys; the middle gives way where there is no room. */
export function frame(title: string, body: readonly Line[], keys: string, { columns, rows }: Size): readonly Line[] {
  const shown = body.slice(0, Math.max(0, rows - 2))
  return [titleRule(title, columns), ...shown.map((line) => fitLine(line, columns)), fitLine(lineOf(keys, 'faint'), columns)].slice(0, rows)
}

/** How many rows of a body fit in it. */
export function bodyRows({ rows }: Size): number {
  return Math.max(1, rows - 2)
}

function titleRule(title: string, columns: number): Line {
  const text = visibleText(title)
  const rest = Math.max(0, columns - textWidth(text) - 4)
  return fitLine(
    [
      { text: '── ', tone: 'faint' },
      { text, tone: 'strong' },
      { text: ` ${'─'.repeat(rest)}`, tone: 'faint' },
    ],
    columns,
  )
}

/** Text of anyone, as many rows as it takes. */
export function paragraph(text: string, width: number, tone?: Tone): readonly Line[] {
  return text.split('\n').flatMap((line) => wrapWords(visibleText(line), Math.max(1, width)).map((row) => lineOf(row, tone)))
}

/** The same text at the same width is wrapped once: a dialog is drawn at every key. */
export function cachedParagraph(): typeof paragraph {
  let known: { readonly text: string; readonly width: number; readonly lines: readonly Line[] } | undefined
  return (text, width, tone) => {
    if (known?.text !== text || known.width !== width) known = { text, width, lines: paragraph(text, width, tone) }
    return known.lines
  }
}

/** A name and what it is, the second in rows of its own below each other: `Checks   npm test`. */
export function fact(name: string, text: string, width: number, tone?: Tone): readonly Line[] {
  const label = name.padEnd(LABEL)
  return paragraph(text, width - LABEL, tone).map((line, at): Line => [
    { text: at === 0 ? label : ' '.repeat(LABEL), tone: 'key' },
    ...line,
  ])
}

const LABEL = 11
