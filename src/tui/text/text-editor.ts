import { wrapLine, type Line } from './line.ts'
import { visibleText } from './visible.ts'

/** Text that a person types, of as many lines as they like. */
export class TextEditor {
  protected before: string[]
  protected after: string[] = []

  constructor(text = '') {
    this.before = [...text]
  }

  get text(): string {
    return [...this.before, ...this.after].join('')
  }

  /** Whether the key does something to a text. */
  press(key: string): boolean {
    const act = KEYS[key]
    if (act !== undefined) [this.before, this.after] = act(this.before, this.after)
    else if ([...key].length === 1) this.before.push(key)
    else return false
    return true
  }

  paste(text: string): void {
    this.before.push(...text.replaceAll(/\r\n?/g, '\n'))
  }

  /** At most so many rows, with the cursor among them; without one the beginning. */
  drawRows(width: number, rows: number, hasCursor = true): readonly Line[] {
    const lines = [...this.before, ...(hasCursor ? [CURSOR] : []), ...this.after].join('').split('\n')
    const drawn = lines.flatMap((line) => wrapLine(lineWithCursor(line), width))
    const at = drawn.findIndex((line) => line.some((span) => span.tone === 'key'))
    const top = Math.max(0, Math.min(at - rows + 1, drawn.length - rows))
    return drawn.slice(top, top + rows)
  }
}

/** No text can hold half of a pair of surrogates by itself. */
const CURSOR = '\ud800'

function lineWithCursor(line: string): Line {
  const [before = '', after] = line.split(CURSOR)
  if (after === undefined) return [{ text: visibleText(before) }]
  return [{ text: visibleText(before) }, { text: '▏', tone: 'key' }, { text: visibleText(after) }]
}

type Halves = [before: string[], after: string[]]

const KEYS: Readonly<Record<string, (before: string[], after: string[]) => Halves>> = {
  newline: (before, after) => [[...before, '\n'], after],
  backspace: (before, after) => [before.slice(0, -1), after],
  delete: (before, after) => [before, after.slice(1)],
  left: (before, after) => cut(before, after, before.length - 1),
  right: (before, after) => cut(before, after, before.length + 1),
  up: (before, after) => cut(before, after, besideLine(before, after, -1)),
  down: (before, after) => cut(before, after, besideLine(before, after, 1)),
  home: (before, after) => cut(before, after, lineStart(before)),
  'ctrl-a': (before, after) => cut(before, after, lineStart(before)),
  end: (before, after) => cut(before, after, lineEnd(before, after)),
  'ctrl-e': (before, after) => cut(before, after, lineEnd(before, after)),
  'ctrl-u': (before, after) => [before.slice(0, lineStart(before)), after],
  'ctrl-w': (before, after) => [[...before.join('').replace(/\S+\s*$/, '')], after],
}

function cut(before: readonly string[], after: readonly string[], at: number): Halves {
  const all = [...before, ...after]
  const to = Math.max(0, Math.min(all.length, at))
  return [all.slice(0, to), all.slice(to)]
}

function lineStart(before: readonly string[]): number {
  return before.lastIndexOf('\n') + 1
}

function lineEnd(before: readonly string[], after: readonly string[]): number {
  const end = after.indexOf('\n')
  return before.length + (end === -1 ? after.length : end)
}

/** The same column of the line above or below, or as near as that line goes. */
function besideLine(before: readonly string[], after: readonly string[], direction: 1 | -1): number {
  const lines = [...before, ...after].join('').split('\n')
  const at = before.filter((character) => character === '\n').length
  const column = before.length - lineStart(before)
  const beside = lines[at + direction]
  if (beside === undefined) return before.length
  const start = lines.slice(0, at + direction).reduce((sum, line) => sum + [...line].length + 1, 0)
  return start + Math.min(column, [...beside].length)
}
