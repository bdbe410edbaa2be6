import { fitLine, lineOf, textOf, textWidth, wrapLine, type Line, type Tone } from '../../text/line.ts'
import type { Size } from '../../terminal/screen.ts'
import { visibleText } from '../../text/visible.ts'

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
  return text.split('\n').flatMap((line) => wrapWords(visibleText(line), Math.max(1, width), tone))
}

/** Between words where one fits into a row, else within it. */
function wrapWords(text: string, width: number, tone: Tone | undefined): readonly Line[] {
  const rows: Line[] = []
  let [row, taken] = ['', 0]
  for (const word of text.split(/(?<= )(?! )/)) {
    const wide = textWidth(word)
    if (taken > 0 && taken + textWidth(word.trimEnd()) > width) {
      rows.push(lineOf(row, tone))
      ;[row, taken] = ['', 0]
    }
    if (wide <= width - taken) [row, taken] = [row + word, taken + wide]
    else {
      const pieces = wrapLine(lineOf(word.trimEnd(), tone), width)
      rows.push(...pieces.slice(0, -1))
      row = textOf(pieces.at(-1) ?? [])
      taken = textWidth(row)
    }
  }
  return [...rows, lineOf(row, tone)]
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
