import type { Line } from '../../text/line.ts'
import type { Size } from '../../terminal/screen.ts'

/** What lies over the board and takes the keys: a reply, the merge dialog, a diff, the palette, the help. */
export interface Dialog {
  /** The line at the bottom; the lower part of the board (as many rows as it draws, at most those it is given); or all of the terminal. */
  readonly place: 'line' | 'box' | 'whole'
  /** It has ended by itself, or by a key: what it was about is done. To be looked at at each change. */
  readonly isOver: boolean
  /** At most so many rows, none wider than the columns; a `line` draws one. */
  draw(size: Size): readonly Line[]
  /** `close`: it is over. Escape closes every dialog, unless it goes one step back inside. */
  press(key: string): 'close' | undefined
  /** Text that came as a whole: no key, whatever is in it. */
  paste(text: string): void
  /** Called when there is something new to draw. */
  onChange(listener: () => void): () => void
}
