import { lineOf, textOf, textWidth, wrapLine } from './line.ts'

/** Between words where one fits into a row, else within it: rows of that width, of which together no word is missing. The text is safe for a terminal. */
export function wrapWords(text: string, width: number): readonly string[] {
  if (textWidth(text) <= width) return [text]
  const rows: string[] = []
  let [row, taken] = ['', 0]
  for (const word of text.split(/(?<=\s)(?=\S)/)) {
    const bare = word.trimEnd()
    // What does not fit behind the others begins a row; spaces at its end may hang over, because they are not shown.
    if (taken > 0 && taken + textWidth(bare) > width) {
      rows.push(row.trimEnd())
      ;[row, taken] = ['', 0]
    }
    const wide = textWidth(word)
    if (textWidth(bare) <= width) [row, taken] = [row + word, taken + wide]
    else {
      const pieces = wrapLine(lineOf(bare), width).map(textOf)
      rows.push(...pieces.slice(0, -1))
      row = `${pieces.at(-1) ?? ''}${word.slice(bare.length)}`
      taken = textWidth(row)
    }
  }
  return [...rows, row.trimEnd()]
}
