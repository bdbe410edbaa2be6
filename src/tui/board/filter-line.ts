import { LineEditor } from '../text/line-editor.ts'
import type { Size } from '../terminal/screen.ts'
import type { Line } from '../text/line.ts'
import type { Dialog } from './dialogs/dialog.ts'

/** What is typed filters the list at once; Enter keeps it, Escape shows all again. */
export class FilterLine implements Dialog {
  readonly place = 'box'
  readonly isOver = false
  readonly #editor: LineEditor
  readonly #take: (filter: string) => void

  constructor(filter: string, take: (filter: string) => void) {
    this.#editor = new LineEditor('filter:', filter)
    this.#take = take
  }

  draw({ columns }: Size): readonly Line[] {
    return [this.#editor.draw(columns)]
  }

  press(key: string): 'close' | undefined {
    if (key === 'enter') return 'close'
    if (key === 'escape') this.#take('')
    else {
      this.#editor.press(key)
      this.#take(this.#editor.text)
    }
    return key === 'escape' ? 'close' : undefined
  }

  paste(text: string): void {
    this.#editor.paste(text)
    this.#take(this.#editor.text)
  }

  onChange(): () => void {
    return () => {}
  }
}
