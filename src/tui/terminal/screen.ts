import type { Line } from '../text/line.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A cell of the terminal, from 0. */
export interface Place {
  readonly column: number
  readonly row: number
}

/** What fills a terminal. It knows nothing of one: keys come in by name, lines go out. */
export interface Screen {
  /** At most so many rows, none wider than the columns. */
  draw(size: Size): readonly Line[]
  /**
   * A character, or the name of a key: `enter`, `escape`, `tab`, `backspace`, `up`, `page-down`, `ctrl-c`, …; of the mouse, with the
   * place that it points at, `click`, `wheel-up`, `wheel-down`.
   */
  press(key: string, at?: Place): void
  /** Text that came as a whole: no line end in it is Enter, no letter a key. */
  paste(text: string): void
  /** Called when there is something new to draw. */
  onChange(listener: () => void): () => void
  /** Resolves when the person is done. */
  readonly ended: Promise<void>
}
