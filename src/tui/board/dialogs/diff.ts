import type { TaskStatus } from '../../../protocol/task-status.ts'
import { DiffPane } from '../../diff/diff-pane.ts'
import { sumWords } from '../../diff/titles.ts'
import type { Material } from '../../review/item.ts'
import { fitLine, lineOf, type Line } from '../../text/line.ts'
import { LineEditor } from '../../text/line-editor.ts'
import type { Size } from '../../terminal/screen.ts'
import { frame, paragraph } from './frame.ts'
import type { Surroundings } from './surroundings.ts'
import { OpenDialog } from './open-dialog.ts'

/** What a task's branch changes, file by file, and what it has not committed. */
export class DiffDialog extends OpenDialog {
  readonly place = 'whole'
  readonly #task: TaskStatus
  #material: Material | undefined
  #pane: DiffPane | undefined
  #refusal: readonly string[] = []
  #search: LineEditor | undefined
  #lastSearch = ''
  #notice = ''

  constructor(task: TaskStatus, around: Surroundings) {
    super()
    this.#task = task
    around.desk.changes(task).then(
      (material) => {
        this.#material = material
        this.#pane = new DiffPane(material.patch, () => this.tell())
        this.tell()
      },
      (error: unknown) => {
        this.#refusal = around.desk.explain(error)
        this.tell()
      },
    )
  }

  draw(size: Size): readonly Line[] {
    const { columns, rows } = size
    return frame(this.#title(), this.#body(columns, Math.max(1, rows - 3)), KEYS, size)
  }

  protected onKey(key: string): void {
    this.#notice = ''
    if (this.#search !== undefined) this.#onSearch(this.#search, key)
    else if (key === 'escape' && this.#pane?.isListFocused === true) this.#pane.isListFocused = false
    else if (key === 'escape' || key === 'q' || key === 'd') this.end()
    else if (key === '/') this.#search = new LineEditor('search:')
    else if (this.#pane !== undefined) this.#onPane(this.#pane, key)
  }

  protected override onPaste(text: string): void {
    this.#search?.paste(text)
  }

  #onPane(pane: DiffPane, key: string): void {
    if (key === 'tab') pane.isListFocused = !pane.isListFocused
    else if (key === 'enter') pane.isListFocused = false
    else if (key === 'wheel-down' || key === 'wheel-up') pane.move(key === 'wheel-down' ? 3 : -3)
    else pane.press(key)
  }

  #onSearch(editor: LineEditor, key: string): void {
    if (key === 'escape') this.#search = undefined
    else if (key !== 'enter') editor.press(key)
    else {
      this.#search = undefined
      this.#lastSearch = editor.text === '' ? this.#lastSearch : editor.text
      if (this.#lastSearch !== '' && this.#pane?.search(this.#lastSearch) === false) this.#notice = `nothing has "${this.#lastSearch}"`
    }
  }

  #title(): string {
    const { handle, branch, target } = this.#task
    return `${handle}: ${branch} → ${target}${this.#material === undefined ? '' : ` · ${sumWords(this.#material.patch.files)}`}`
  }

  #body(columns: number, rows: number): readonly Line[] {
    if (this.#refusal.length > 0) return this.#refusal.flatMap((line) => paragraph(line, columns, 'bad'))
    if (this.#pane === undefined) return [lineOf('comparing …', 'key')]
    const lines = this.#pane.draw(columns, rows, [])
    return [...lines, ...Array.from({ length: Math.max(0, rows - lines.length) }, () => []), this.#lastLine(columns)]
  }

  #lastLine(columns: number): Line {
    if (this.#search !== undefined) return this.#search.draw(columns)
    const [first] = paragraph(this.#notice === '' ? uncommittedWords(this.#material?.uncommitted ?? []) : this.#notice, columns, 'warning')
    return fitLine(first ?? [], columns)
  }
}

const KEYS = 'j k line · J K hunk · ] [ file · Tab files · s layout · w words · / search · Esc'

function uncommittedWords(paths: readonly string[]): string {
  if (paths.length === 0) return ''
  const more = paths.length - 5
  return `not committed: ${paths.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
