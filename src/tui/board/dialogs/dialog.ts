import type { Line } from '../../text/line.ts'
import type { Place, Size } from '../../terminal/screen.ts'

/** What lies over the board and takes the keys: a reply, the merge dialog, a diff, the palette, the help. */
export interface Dialog {
  /** The line at the bottom; the lower part of the board (as many rows as it draws, at most those it is given); or all of the terminal. */
  readonly place: 'line' | 'box' | 'whole'
  /** At most so many rows, none wider than the columns; a `line` draws one. */
  draw(size: Size): readonly Line[]
  /** `close`: it is over. Escape closes every dialog, unless it goes one step back inside. What was pasted is `paste:` and the text. */
  press(key: string, at?: Place): 'close' | undefined
  /** Called when there is something new to draw; its answer is called when the dialog is closed. */
  onChange(listener: () => void): () => void
}
