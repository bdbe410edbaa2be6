import { commandLine } from '../../../foundation/shell.ts'
import { lineOf, type Line } from '../../text/line.ts'
import { LineEditor } from '../../text/line-editor.ts'
import { TextEditor } from '../../text/text-editor.ts'
import type { Size } from '../../terminal/screen.ts'
import { bodyRows, frame, paragraph } from './frame.ts'
import type { Surroundings } from './surroundings.ts'
import { OpenDialog } from './open-dialog.ts'

type Field = 'name' | 'model' | 'base' | 'prompt'

/** A quick session of a prompt alone, or one with a name, a model and a base. */
export class NewDialog extends OpenDialog {
  readonly place = 'box'
  readonly #isQuick: boolean
  readonly #around: Surroundings
  readonly #repository: string | undefined
  readonly #fields: readonly Field[]
  readonly #lines: Readonly<Record<Exclude<Field, 'prompt'>, LineEditor>>
  readonly #prompt: TextEditor
  #at = 0
  #notice = ''
  #isBusy = false
  #refusal: readonly string[] = []

  constructor(kind: 'quick' | 'spawn', around: Surroundings, repository: string | undefined) {
    super()
    this.#isQuick = kind === 'quick'
    this.#around = around
    this.#repository = repository
    this.#fields = this.#isQuick ? ['prompt'] : ['name', 'prompt', 'model', 'base']
    const draft = (field: Field): string => around.drafts.of(this.#draftOf(field))
    this.#lines = {
      name: new LineEditor('name  ', draft('name')),
      model: new LineEditor('model ', draft('model')),
      base: new LineEditor('base  ', draft('base')),
    }
    this.#prompt = new TextEditor(draft('prompt'))
  }

  draw(size: Size): readonly Line[] {
    const { columns } = size
    const below = [
      ...this.#refusal.flatMap((line) => paragraph(line, columns, 'bad')),
      ...(this.#notice === '' ? [] : [lineOf(this.#notice, 'warning')]),
    ]
    const room = Math.max(1, bodyRows(size) - below.length - (this.#fields.length - 1))
    const body = this.#fields.flatMap((field) => this.#drawField(field, columns, room))
    const where = this.#repository === undefined ? '' : ` in ${this.#repository.split('/').at(-1)}`
    return frame(this.#isQuick ? `Quick session${where}` : `New session${where}`, [...body, ...below], this.#keys(), size)
  }

  protected onKey(key: string): void {
    if (key === 'escape') return this.end()
    if (this.#isBusy) return
    this.#notice = ''
    const field = this.#fields[this.#at] ?? 'prompt'
    if (key === 'tab' || (key === 'down' && field !== 'prompt')) this.#go(1)
    else if (key === 'back-tab' || (key === 'up' && field !== 'prompt')) this.#go(-1)
    else if (key === 'enter' && field === 'name') this.#go(1)
    else if (key === 'enter') void this.#begin()
    else this.#editor(field).press(key)
    this.#keep()
  }

  protected override onPaste(text: string): void {
    if (this.#isBusy) return
    this.#editor(this.#fields[this.#at] ?? 'prompt').paste(text)
    this.#keep()
  }

  async #begin(): Promise<void> {
    const prompt = this.#prompt.text.trim()
    const name = this.#lines.name.text.trim()
    const missing = prompt === '' ? 'prompt' : !this.#isQuick && name === '' ? 'name' : undefined
    if (missing !== undefined) {
      this.#notice = `It needs a ${missing}.`
      this.#at = this.#fields.indexOf(missing)
      return
    }
    this.#isBusy = true
    const argv = this.#isQuick ? ['quick', '--', prompt] : ['spawn', ...this.#options(), '--', name, prompt]
    const title = this.#isQuick ? `quick ${commandLine([prompt.slice(0, 40)])}` : `spawn ${name}`
    const said = await this.#around.errands.run(title, argv, this.#repository)
    this.#isBusy = false
    this.#refusal = said.isDone ? [] : said.lines
    if (said.isDone) {
      for (const field of this.#fields) this.#around.drafts.keep(this.#draftOf(field), '')
      this.end()
    }
    this.tell()
  }

  #options(): readonly string[] {
    return (['model', 'base'] as const).flatMap((field) => {
      const text = this.#lines[field].text.trim()
      return text === '' ? [] : [`--${field}=${text}`]
    })
  }

  #drawField(field: Field, columns: number, rows: number): readonly Line[] {
    const isHere = this.#fields[this.#at] === field && !this.#isBusy
    if (this.#isQuick) return this.#prompt.drawRows(columns, rows)
    const mark: Line = [{ text: isHere ? '› ' : '  ', tone: 'strong' }]
    if (field !== 'prompt') return [[...mark, ...this.#lines[field].draw(columns - 2, isHere)]]
    return this.#prompt
      .drawRows(columns - 9, rows)
      .map((line, at): Line => [...(at === 0 ? [...mark, { text: 'prompt ', tone: 'key' as const }] : [{ text: ' '.repeat(9) }]), ...line])
  }

  #keys(): string {
    if (this.#isBusy) return 'starting … · Esc leaves it going on'
    return this.#isQuick
      ? 'Enter start · Ctrl-J new line · Esc keeps the draft'
      : 'Tab next field · Enter start · Ctrl-J new line · Esc keeps the draft'
  }

  #go(by: 1 | -1): void {
    this.#at = (this.#at + by + this.#fields.length) % this.#fields.length
  }

  #editor(field: Field): TextEditor {
    return field === 'prompt' ? this.#prompt : this.#lines[field]
  }

  #keep(): void {
    if (this.#isBusy) return
    for (const field of this.#fields) this.#around.drafts.keep(this.#draftOf(field), this.#editor(field).text)
  }

  #draftOf(field: Field): string {
    return `${this.#isQuick ? 'quick' : 'new'} ${field}`
  }
}
