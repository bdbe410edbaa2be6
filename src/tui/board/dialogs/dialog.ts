import type { Line } from '../../text/line.ts'
import type { Size } from '../../terminal/screen.ts'

/** What lies over the board and takes the keys: a reply, the merge dialog, a diff, the palette, the help. */
export interface Dialog {
  /** A line at the bottom, a box over the board, or all of it. */
  readonly place: 'line' | 'box' | 'whole'
  /** At most so many rows, none wider than the columns; a `line` draws one. */
  draw(size: Size): readonly Line[]
  /** `close`: it is over. Escape closes every dialog, unless it goes one step back inside. */
  press(key: string): 'close' | undefined
  /** Called when there is something new to draw. */
  onChange(listener: () => void): () => void
}
