import type { Line } from '../../text/line.ts'
import type { Size } from '../../terminal/screen.ts'
import type { Dialog } from './dialog.ts'

/** What all dialogs have in common: who listens, and their end. */
export abstract class OpenDialog implements Dialog {
  abstract readonly place: Dialog['place']
  #isOver = false
  readonly #listeners = new Set<() => void>()
  readonly #stops: (() => void)[] = []

  abstract draw(size: Size): readonly Line[]
  protected abstract onKey(key: string): void

  get isOver(): boolean {
    return this.#isOver
  }

  press(key: string): 'close' | undefined {
    if (!this.#isOver) this.onKey(key)
    this.tell()
    return this.#isOver ? 'close' : undefined
  }

  paste(text: string): void {
    this.onPaste(text)
    this.tell()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Where nothing is typed a paste means nothing. */
  protected onPaste(_text: string): void {}

  protected tell(): void {
    for (const listener of this.#listeners) listener()
  }

  /** To be undone when it is over. */
  protected untilOver(stop: () => void): void {
    if (this.#isOver) stop()
    else this.#stops.push(stop)
  }

  protected end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const stop of this.#stops) stop()
    this.tell()
  }
}
