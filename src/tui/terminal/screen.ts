import type { Line } from '../text/line.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** What fills a terminal. It knows nothing of one: keys come in by name, lines go out. */
export interface Screen {
  /** At most so many rows, none wider than the columns. */
  draw(size: Size): readonly Line[]
  /** A character, or the name of a key: `enter`, `escape`, `tab`, `backspace`, `up`, `page-down`, `ctrl-c`, …. */
  press(key: string): void
  /** Text that was pasted. Where this is missing it comes as keys, which a screen whose keys do things must not have. */
  paste?(text: string): void
  /** Called when there is something new to draw. */
  onChange(listener: () => void): () => void
  /** Resolves when the person is done. */
  readonly ended: Promise<void>
}
