import { lineOf, type Line } from '../../../text/line.ts'
import type { Size } from '../../../terminal/screen.ts'
import { bodyRows, frame } from '../frame.ts'
import { OpenDialog } from '../open-dialog.ts'

/** Rows to be read, as many as there are: of the help, of a command, of all that was asked for. */
export class PageDialog extends OpenDialog {
  readonly place = 'whole'
  readonly #title: () => string
  readonly #lines: (width: number) => readonly Line[]
  #top = 0
  #size: Size = { columns: 80, rows: 20 }

  constructor({ title, lines, changes }: PageOptions) {
    super()
    this.#title = title
    this.#lines = lines
    if (changes !== undefined) this.untilOver(changes(() => this.tell()))
  }

  draw(size: Size): readonly Line[] {
    this.#size = size
    const lines = this.#lines(size.columns)
    const top = this.#topOf(lines.length)
    const shown = lines.slice(top, top + bodyRows(size))
    const filled = [...shown, ...Array.from({ length: Math.max(0, bodyRows(size) - shown.length) }, () => lineOf(''))]
    const place = lines.length <= bodyRows(size) ? '' : `${top + 1}–${top + shown.length} of ${lines.length} · `
    return frame(this.#title(), filled, `${place}j k PgDn PgUp g G · Esc`, size)
  }

  protected onKey(key: string): void {
    if (['escape', 'q', 'enter'].includes(key)) return this.end()
    const count = this.#lines(this.#size.columns).length
    const page = Math.max(1, bodyRows(this.#size) - 1)
    const top = this.#topOf(count)
    const wanted = {
      j: top + 1,
      down: top + 1,
      k: top - 1,
      up: top - 1,
      'page-down': top + page,
      ' ': top + page,
      'page-up': top - page,
      g: 0,
      home: 0,
      G: count,
      end: count,
    }[key]
    const by = { 'wheel-down': 3, 'wheel-up': -3 }[key]
    const next = wanted ?? (by === undefined ? undefined : top + by)
    if (next === undefined) return
    const last = Math.max(0, count - bodyRows(this.#size))
    this.#top = Math.max(0, Math.min(last, next))
  }

  #topOf(count: number): number {
    return Math.min(this.#top, Math.max(0, count - bodyRows(this.#size)))
  }
}

export interface PageOptions {
  readonly title: () => string
  readonly lines: (width: number) => readonly Line[]
  /** Calls back when there are others, until its answer is called. */
  readonly changes?: (listener: () => void) => () => void
}
