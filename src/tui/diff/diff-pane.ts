import type { Patch } from '../../ports/git.ts'
import { drawRow } from './draw.ts'
import { FileDiff, type BodyRow } from './file-diff.ts'
import { patchFiles } from './patch-files.ts'
import { loadSyntax, type Syntax } from './syntax.ts'
import { countSpans, fileName, fileTitle } from './titles.ts'
import { fitLine, type Line } from '../text/line.ts'
import { placeOf, showsPlace, type Comment, type Place } from './comments.ts'

/** From so many columns on, both sides of a diff have room. */
const WIDE_DIFF = 120
/** From so many on, the list of files is always there. */
const WIDE_SCREEN = 150

export type Layout = 'unified' | 'side-by-side'

/** The diff of one item: which file is shown, where the cursor is in it, and how it looks. One file at a time, so that a large patch costs what is seen of it. */
export class DiffPane {
  readonly files: readonly FileDiff[]
  isListFocused = false
  hasWords = true
  #layout: Layout | undefined
  #at = 0
  #cursor = 0
  #top = 0
  #listTop = 0
  #shift = 0
  #size = { columns: 80, rows: 20 }
  readonly #syntaxes = new Map<string, Syntax | undefined>()
  readonly #changed: () => void

  constructor(patch: Patch, changed: () => void) {
    this.files = patchFiles(patch).map((file) => new FileDiff(file))
    this.#changed = changed
  }

  get layout(): Layout {
    return this.#layout ?? (this.#bodyWidth() >= WIDE_DIFF ? 'side-by-side' : 'unified')
  }

  get place(): Place | undefined {
    const file = this.#file()
    return file === undefined ? undefined : placeOf(file, this.#body()[this.#cursor])
  }

  /** Whether the key does something here. */
  press(key: string): boolean {
    const act = this.isListFocused ? (LIST_KEYS[key] ?? PANE_KEYS[key]) : PANE_KEYS[key]
    act?.(this)
    return act !== undefined
  }

  toggleLayout(): void {
    const row = this.#body()[this.#cursor]
    const anchor = this.place
    this.#layout = this.layout === 'unified' ? 'side-by-side' : 'unified'
    const found = this.#body().findIndex((each) =>
      row?.kind === 'pair' || row?.kind === 'line' ? anchor !== undefined && showsPlace(each, anchor) : each === row,
    )
    this.#cursor = Math.max(0, found)
  }

  /** Over the end of a file the next one begins. */
  move(rows: number): void {
    const last = this.#body().length - 1
    const wanted = this.#cursor + rows
    if (rows === 1 && wanted > last && this.#at < this.files.length - 1) return this.openFile(this.#at + 1)
    if (rows === -1 && wanted < 0 && this.#at > 0) return this.openFile(this.#at - 1, 'end')
    this.#cursor = Math.max(0, Math.min(last, wanted))
  }

  page(direction: 1 | -1, share = 1): void {
    this.move(direction * Math.max(2, Math.floor(this.#bodyRows() * share)))
  }

  toEdge(edge: 'start' | 'end'): void {
    this.#cursor = edge === 'start' ? 0 : Math.max(0, this.#body().length - 1)
  }

  shift(cells: number): void {
    this.#shift = Math.max(0, this.#shift + cells)
  }

  moveFile(by: 1 | -1): void {
    const wanted = this.#at + by
    if (wanted >= 0 && wanted < this.files.length) this.openFile(wanted)
  }

  /** Goes on into the next file that has one. */
  moveHunk(direction: 1 | -1): void {
    for (let at = this.#at; at >= 0 && at < this.files.length; at += direction) {
      const rows = this.files[at]?.body(this.layout) ?? []
      const hunks = rows.flatMap((row, index) => (row.kind === 'hunk' ? [index] : []))
      const beyond = at === this.#at ? hunks.filter((index) => (index - this.#cursor) * direction > 0) : hunks
      const found = direction === 1 ? beyond[0] : beyond.at(-1)
      if (found === undefined) continue
      if (at !== this.#at) this.openFile(at)
      this.#cursor = found
      // The heading at the top, its lines below.
      this.#top = found
      return
    }
  }

  openFile(at: number, edge: 'start' | 'end' = 'start'): void {
    this.#at = at
    this.#top = 0
    this.#shift = 0
    this.toEdge(edge)
    this.#colour()
  }

  /** The next line with this text, through all files and round; whether there is one. */
  search(words: string): boolean {
    const wanted = words.toLowerCase()
    for (let step = 0; step <= this.files.length; step += 1) {
      const at = (this.#at + step) % this.files.length
      const from = step === 0 ? this.#cursor + 1 : 0
      const found = (this.files[at]?.body(this.layout) ?? []).findIndex(
        (row, index) => index >= from && textsOf(row).some((text) => text.toLowerCase().includes(wanted)),
      )
      if (found === -1) continue
      if (at !== this.#at) this.openFile(at)
      this.#cursor = found
      return true
    }
    return false
  }

  draw(columns: number, rows: number, comments: readonly Comment[]): readonly Line[] {
    this.#size = { columns, rows }
    this.#colour()
    if (this.files.length === 0) return [[{ text: 'The branch changes nothing.', tone: 'faint' }]]
    const body = this.#drawBody(comments)
    const width = this.#listWidth()
    if (width === 0) return body
    const list = this.#drawList(width - 1, comments)
    return Array.from({ length: rows }, (_, at) => [
      ...(list[at] ?? [{ text: ' '.repeat(width - 1) }]),
      { text: '│', tone: 'faint' },
      ...(body[at] ?? []),
    ])
  }

  #drawBody(comments: readonly Comment[]): readonly Line[] {
    const file = this.#file()
    if (file === undefined) return []
    const rows = this.#body()
    const room = this.#bodyRows()
    this.#top = Math.max(0, Math.min(Math.max(this.#top, this.#cursor - room + 1), this.#cursor, rows.length - 1))
    const width = this.#bodyWidth()
    const look = { hasWords: this.hasWords, syntax: this.#syntaxes.get(file.file.path) }
    const title: Line = [{ text: `${this.#at + 1}/${this.files.length} `, tone: 'faint' }, ...fileTitle(file.file)]
    const own = comments.filter((comment) => comment.path === file.file.path)
    return [
      fitLine(title, width),
      ...rows.slice(this.#top, this.#top + room).map((row, at): Line => {
        const isCursor = this.#top + at === this.#cursor
        return [
          { text: isCursor ? '›' : ' ', tone: 'strong' },
          { text: own.some((comment) => showsPlace(row, comment)) ? '●' : ' ', tone: 'warning' },
          ...drawRow(row, file, look, width - MARGIN, this.#shift),
        ]
      }),
    ]
  }

  #drawList(width: number, comments: readonly Comment[]): readonly Line[] {
    const { rows } = this.#size
    this.#listTop = Math.max(0, Math.min(Math.max(this.#listTop, this.#at - rows + 2), this.#at))
    const lines = this.files.slice(this.#listTop, this.#listTop + rows - 1).map(({ file }, at): Line => {
      const isOpen = this.#listTop + at === this.#at
      const count = comments.filter(({ path }) => path === file.path).length
      const counts: Line = [{ text: ' ' }, ...countSpans(file), ...(count > 0 ? [{ text: ` ●${count}`, tone: 'warning' } as const] : [])]
      const room = width - 2 - counts.reduce((sum, { text }) => sum + text.length, 0)
      return fitLine([{ text: isOpen ? '› ' : '  ', tone: 'strong' }, ...tailOf(fileName(file), room, isOpen), ...counts], width)
    })
    return [fitLine([{ text: this.isListFocused ? 'Files (j k, Enter)' : 'Files', tone: 'heading' }], width), ...lines]
  }

  #file(): FileDiff | undefined {
    return this.files[this.#at]
  }

  #body(): readonly BodyRow[] {
    return this.#file()?.body(this.layout) ?? []
  }

  #listWidth(): number {
    const { columns } = this.#size
    if (!this.isListFocused && columns < WIDE_SCREEN) return 0
    return Math.min(36, Math.floor(columns * 0.3))
  }

  #bodyWidth(): number {
    return this.#size.columns - this.#listWidth()
  }

  #bodyRows(): number {
    return Math.max(1, this.#size.rows - 1)
  }

  /** The colours come when the grammar is loaded; until then the text is there without them. */
  #colour(): void {
    const path = this.#file()?.file.path
    if (path === undefined || this.#syntaxes.has(path)) return
    this.#syntaxes.set(path, undefined)
    void loadSyntax(path).then((syntax) => {
      this.#syntaxes.set(path, syntax)
      if (syntax !== undefined) this.#changed()
    })
  }
}

const PANE_KEYS: Readonly<Record<string, (pane: DiffPane) => void>> = {
  j: (pane) => pane.move(1),
  down: (pane) => pane.move(1),
  k: (pane) => pane.move(-1),
  up: (pane) => pane.move(-1),
  'page-down': (pane) => pane.page(1),
  'page-up': (pane) => pane.page(-1),
  'ctrl-d': (pane) => pane.page(1, 0.5),
  'ctrl-u': (pane) => pane.page(-1, 0.5),
  g: (pane) => pane.toEdge('start'),
  home: (pane) => pane.toEdge('start'),
  G: (pane) => pane.toEdge('end'),
  end: (pane) => pane.toEdge('end'),
  J: (pane) => pane.moveHunk(1),
  K: (pane) => pane.moveHunk(-1),
  ']': (pane) => pane.moveFile(1),
  '[': (pane) => pane.moveFile(-1),
  l: (pane) => pane.shift(8),
  right: (pane) => pane.shift(8),
  h: (pane) => pane.shift(-8),
  left: (pane) => pane.shift(-8),
  s: (pane) => pane.toggleLayout(),
  w: (pane) => void (pane.hasWords = !pane.hasWords),
}

const LIST_KEYS: Readonly<Record<string, (pane: DiffPane) => void>> = {
  j: (pane) => pane.moveFile(1),
  down: (pane) => pane.moveFile(1),
  k: (pane) => pane.moveFile(-1),
  up: (pane) => pane.moveFile(-1),
}

/** Cursor and comment. */
const MARGIN = 2

function textsOf(row: BodyRow): readonly string[] {
  if (row.kind !== 'pair') return [row.text]
  return [row.before, row.after].flatMap((line) => (line === undefined ? [] : [line.text]))
}

/** The end of a path says more than its beginning. */
function tailOf(name: string, room: number, isOpen: boolean): Line {
  const points = [...name]
  const text = points.length <= room ? name : `…${points.slice(points.length - room + 1).join('')}`
  return fitLine([{ text, tone: isOpen ? 'strong' : undefined }], Math.max(1, room))
}
