import type { Preview } from '../desk.ts'
import type { Size } from '../../terminal/screen.ts'
import type { Line } from '../../text/line.ts'
import { sayingRows, type Saying } from './saying.ts'

/** The end of what a session says and does, in rows. Only what is shown is broken into rows. */
export class PreviewPane {
  #preview: Preview = { lines: [], isCut: false }
  /** Rows between the end of the record and the last row that is shown: 0 follows what is added. */
  #above = 0
  #room = 1
  #columns = 80
  #rows = new WeakMap<Saying, readonly Line[]>()

  get isAtEnd(): boolean {
    return this.#above === 0
  }

  get lines(): readonly Saying[] {
    return this.#preview.lines
  }

  /** What is looked at stays where it is while more is added below. */
  show(preview: Preview): void {
    if (this.#above > 0) {
      const known = this.#preview.lines.at(-1)
      const added = preview.lines.slice(known === undefined ? 0 : preview.lines.lastIndexOf(known) + 1)
      for (const line of added) this.#above += this.#rowsOf(line).length
    }
    this.#preview = preview
  }

  /** Down by so many rows, up where negative. */
  scroll(by: number): void {
    this.#above = Math.max(0, Math.min(this.#above - by, this.#count() - this.#room))
    if (this.#above < 0) this.#above = 0
  }

  get page(): number {
    return Math.max(1, this.#room - 1)
  }

  toBeginning(): void {
    this.scroll(-this.#count())
  }

  toEnd(): void {
    this.#above = 0
  }

  draw({ columns, rows }: Size): readonly Line[] {
    if (columns !== this.#columns) this.#rows = new WeakMap()
    this.#columns = columns
    this.#room = rows
    const drawn: Line[] = []
    const { lines } = this.#preview
    for (let at = lines.length - 1; at >= 0 && drawn.length < rows + this.#above; at -= 1) {
      const line = lines[at]
      if (line !== undefined) drawn.unshift(...this.#rowsOf(line))
    }
    const end = Math.max(Math.min(rows, drawn.length), drawn.length - this.#above)
    return drawn.slice(Math.max(0, end - rows), end)
  }

  #count(): number {
    return this.#preview.lines.reduce((sum, line) => sum + this.#rowsOf(line).length, 0)
  }

  #rowsOf(line: Saying): readonly Line[] {
    const known = this.#rows.get(line)
    if (known !== undefined) return known
    const rows = sayingRows(line, this.#columns)
    this.#rows.set(line, rows)
    return rows
  }
}
