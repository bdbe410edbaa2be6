import { lineOf, type Line } from '../../../text/line.ts'
import { TextEditor } from '../../../text/text-editor.ts'
import type { Form } from './form.ts'

/** Words of the person's, of as many lines as they like. */
export class WordsForm implements Form {
  readonly keys: string
  readonly #editor: TextEditor
  readonly #argv: (text: string) => readonly string[]
  readonly #isOptional: boolean
  #isMissing = false

  constructor(draft: string, { keys, argv, isOptional = false }: WordsOptions) {
    this.#editor = new TextEditor(draft)
    this.keys = keys
    this.#argv = argv
    this.#isOptional = isOptional
  }

  get text(): string {
    return this.#editor.text
  }

  draw(width: number, rows: number): readonly Line[] {
    const note = this.#isMissing ? [lineOf('It needs a few words.', 'warning')] : []
    return [...this.#editor.drawRows(width, Math.max(1, rows - note.length)), ...note]
  }

  press(key: string): readonly string[] | 'pass' | undefined {
    if (key !== 'enter') {
      this.#isMissing = false
      return this.#editor.press(key) ? undefined : 'pass'
    }
    const text = this.text.trim()
    this.#isMissing = text === '' && !this.#isOptional
    return this.#isMissing ? undefined : this.#argv(text)
  }

  paste(text: string): void {
    this.#isMissing = false
    this.#editor.paste(text)
  }
}

export interface WordsOptions {
  readonly keys: string
  readonly argv: (text: string) => readonly string[]
  readonly isOptional?: boolean
}
