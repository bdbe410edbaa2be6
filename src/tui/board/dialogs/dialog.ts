import type { Line } from '../../text/line.ts'
import type { Place, Size } from '../../terminal/screen.ts'

/** What lies over the board and takes the keys: a reply, the merge dialog, a diff, the palette, the help. */
export interface Dialog {
  /** A box over the board at the bottom, as high as its lines and as wide as the screen, or all of it. */
  readonly place: 'box' | 'whole'
  /** It has ended by itself, or by a key: what it was about is done. The board looks at each change, and then lays it aside. */
  readonly isOver: boolean
  /** At most so many rows, none wider than the columns. */
  draw(size: Size): readonly Line[]
  /** `close`: it is over. Escape closes every dialog, unless it goes one step back inside. */
  press(key: string, at?: Place): 'close' | undefined
  /** Text that came as a whole: no key, whatever is in it. */
  paste(text: string): void
  /** Called when there is something new to draw. */
  onChange(listener: () => void): () => void
}
