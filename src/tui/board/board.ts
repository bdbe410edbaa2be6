import type { InboxItem } from '../../domain/gates/inbox-item.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Place, Screen, Size } from '../terminal/screen.ts'
import type { Line } from '../text/line.ts'
import type { BoardView } from './board-view.ts'
import type { BoardDesk, Fleet, Said } from './desk.ts'
import { dialogFor } from './dialogs/dialog-for.ts'
import type { Dialog } from './dialogs/dialog.ts'
import { Drafts } from './dialogs/drafts.ts'
import { Errands, type Errand } from './dialogs/errands.ts'
import { drawBoard, type DrawnBoard } from './draw-board.ts'
import { FilterLine } from './filter-line.ts'
import { AgeClock } from './list/age-clock.ts'
import { FleetList } from './list/fleet-list.ts'
import { rowsApart } from './list/fleet-rows.ts'
import { PreviewPane } from './preview/preview-pane.ts'

/** The whole of `orch ui`: keys in, lines out. What changes anything outside is the desk's. */
export class Board implements Screen, BoardView {
  readonly desk: BoardDesk
  readonly drafts: Drafts
  readonly errands: Errands
  readonly ended: Promise<void>
  fleet: Fleet = { tasks: [], inbox: [] }
  isInterrupted = false
  #end: () => void = () => {}
  readonly #list = new FleetList()
  #followed: string | undefined
  #pane = new PreviewPane()
  #forgetSession: () => void = () => {}
  #drawn: DrawnBoard | undefined
  #top = 0
  #isOpen = false
  #isPeeking: boolean | undefined
  #notice = ''
  #dialog: { readonly shown: Dialog; readonly forget: () => void } | undefined
  #isOver = false
  #ageing: NodeJS.Timeout | undefined
  readonly #forgetFleet: () => void
  readonly #listeners = new Set<() => void>()
  readonly #fleetListeners = new Set<() => void>()

  constructor(desk: BoardDesk, drafts = new Drafts()) {
    this.desk = desk
    this.drafts = drafts
    this.errands = new Errands(desk)
    this.errands.onChange((ended) => this.#hear(ended))
    this.ended = new Promise((resolve) => (this.#end = resolve))
    this.#forgetFleet = desk.follow((fleet) => this.#showFleet(fleet))
  }

  get selected(): TaskStatus | undefined {
    const { selected } = this.#list
    return selected === undefined ? undefined : this.fleet.tasks.find(({ handle }) => handle === selected)
  }

  get waiting(): readonly InboxItem[] {
    const handle = this.#list.selected
    return handle === undefined ? [] : this.fleet.inbox.filter(({ who }) => who === handle || who.startsWith(`${handle}.`))
  }

  select(handle: string): void {
    this.#list.select(handle)
    this.#followSelected()
    this.#tell()
  }

  say(text: string): void {
    this.#notice = text
    this.#tell()
  }

  onFleet(listener: () => void): () => void {
    this.#fleetListeners.add(listener)
    return () => void this.#fleetListeners.delete(listener)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  end(): void {
    this.#isOver = true
    this.#closeDialog()
    this.#forgetFleet()
    this.#forgetSession()
    clearTimeout(this.#ageing)
    this.#end()
  }

  draw(size: Size): readonly Line[] {
    const clock = new AgeClock(this.desk.now())
    const drawn = drawBoard(
      {
        fleet: this.fleet,
        list: {
          rows: [...this.#list.rows, ...(this.#list.filter === '' ? rowsApart(this.fleet.foreign) : [])],
          selected: this.#list.selected,
          clock,
          top: this.#top,
          isOneProject: this.#isOneProject(),
        },
        preview: { task: this.selected, waiting: this.waiting, pane: this.#pane, clock, isOpen: this.#isOpen },
        isPeeking: this.#isPeeking,
        dialog: this.#dialog?.shown,
        notice: this.#notice,
        filter: this.#list.filter,
      },
      size,
    )
    this.#drawn = drawn
    this.#top = drawn.list?.drawn.top ?? this.#top
    clearTimeout(this.#ageing)
    // The only thing that an idle board waits for: that an age which is shown is another.
    if (clock.changesIn < Infinity && !this.#isOver) this.#ageing = setTimeout(() => this.#tell(), clock.changesIn + 1)
    return drawn.lines
  }

  press(key: string, at?: Place): void {
    if (key === 'ctrl-c') {
      this.isInterrupted = true
      this.end()
    } else if (this.#dialog !== undefined) this.#pressDialog(this.#dialog.shown, key, at)
    else {
      this.#notice = ''
      if (at !== undefined) this.#point(key, at)
      else if (!(this.#isOpen && this.#onPreview(key)) && !this.#onBoard(key)) this.#openDialog(key)
      const { selected } = this.#list
      if (selected !== undefined && TURNS_TO.test(key)) this.desk.look(selected)
    }
    if (!this.#isOver) this.#followSelected()
    this.#tell()
  }

  /** Whoever asked for it may look elsewhere by now. */
  #hear(ended: Errand | undefined): void {
    if (ended?.said !== undefined) this.#notice = noticeOf(ended.title, ended.said)
    this.#tell()
  }

  paste(text: string): void {
    // Over the board it would be a row of keys that nobody has pressed.
    if (this.#dialog === undefined) this.#notice = 'Nothing here takes a paste; Space replies.'
    else this.#dialog.shown.paste(text)
    this.#followSelected()
    this.#tell()
  }

  #pressDialog(dialog: Dialog, key: string, at: Place | undefined): void {
    if (dialog.press(key, at) === 'close' || dialog.isOver) this.#closeDialog()
  }

  #dialogChanged(dialog: Dialog): void {
    if (dialog.isOver) this.#closeDialog()
    this.#tell()
  }

  #openDialog(key: string): void {
    const found = dialogFor(key, this)
    if (found === undefined) this.#notice = `${key} does nothing here; ? shows the keys`
    else if (typeof found === 'object') this.#lay(found)
  }

  #lay(dialog: Dialog): void {
    this.#closeDialog()
    this.#dialog = { shown: dialog, forget: dialog.onChange(() => this.#dialogChanged(dialog)) }
  }

  #closeDialog(): void {
    this.#dialog?.forget()
    this.#dialog = undefined
  }

  /** Keys of the preview while it fills the screen; the others are the board's. */
  #onPreview(key: string): boolean {
    const by = { j: 1, down: 1, k: -1, up: -1, 'page-down': this.#pane.page, 'page-up': -this.#pane.page }[key]
    if (by !== undefined) this.#pane.scroll(by)
    else if (key === 'g' || key === 'home') this.#pane.toBeginning()
    else if (key === 'G' || key === 'end') this.#pane.toEnd()
    else if (['escape', 'enter', 'q', 'left', 'p'].includes(key)) this.#isOpen = false
    else return false
    return true
  }

  #onBoard(key: string): boolean {
    const page = Math.max(1, (this.#drawn?.list?.rows ?? 10) - 2)
    const by = { j: 1, down: 1, k: -1, up: -1, 'page-down': page, 'page-up': -page }[key]
    const half = Math.ceil(this.#pane.page / 2)
    if (by !== undefined) this.#list.move(by)
    else if (key === 'g' || key === 'home') this.#list.choose(0)
    else if (key === 'G' || key === 'end') this.#list.toEnd()
    else if (/^[1-9]$/.test(key)) this.#list.choose(Number(key) - 1)
    else if (key === 'tab') this.#chooseNeedy(1)
    else if (key === 'back-tab') this.#chooseNeedy(-1)
    else if (key === 'ctrl-d' || key === 'ctrl-u') this.#pane.scroll(key === 'ctrl-d' ? half : -half)
    else if (key === 'enter') this.#isOpen = this.#list.selected !== undefined
    else if (key === 'p') this.#isPeeking = this.#drawn?.isPreviewShown !== true
    else if (key === 'A') this.#list.showWhole(!this.#list.isWhole)
    else if (key === '/') this.#lay(new FilterLine(this.#list.filter, (filter) => this.#list.showOnly(filter)))
    else if (key === 'escape') this.#list.showOnly('')
    else if (key === 'q') this.end()
    else return false
    return true
  }

  #point(key: string, { column, row }: Place): void {
    const list = this.#drawn?.list
    const isOnList = list !== undefined && column < list.columns && row >= list.row && row < list.row + list.rows
    if (key === 'click') {
      const handle = isOnList ? list.drawn.handles[row - list.row] : undefined
      if (handle !== undefined) this.#list.select(handle)
      return
    }
    const by = key === 'wheel-down' ? 1 : -1
    if (isOnList) this.#list.move(by)
    else this.#pane.scroll(by * 3)
  }

  #showFleet(fleet: Fleet): void {
    this.fleet = fleet
    this.#list.show(fleet.tasks)
    this.#followSelected()
    for (const listener of this.#fleetListeners) listener()
    this.#tell()
  }

  #chooseNeedy(direction: 1 | -1): void {
    const needy = new Set(this.fleet.inbox.map(({ who }) => who))
    if (this.#list.chooseAmong(needy, direction) === 'none') this.#notice = 'Nothing needs you.'
  }

  /** Only of the selected one is read what it says. */
  #followSelected(): void {
    const { selected } = this.#list
    if (selected === this.#followed) return
    this.#followed = selected
    this.#forgetSession()
    const pane = new PreviewPane()
    this.#pane = pane
    this.#forgetSession =
      selected === undefined
        ? () => {}
        : this.desk.followSession(selected, (preview) => {
            pane.show(preview)
            this.#tell()
          })
  }

  #isOneProject(): boolean {
    return new Set(this.fleet.tasks.map(({ project }) => project)).size < 2
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** Keys that a person presses about one task; who moves past it has not turned to it. */
const TURNS_TO = /^(?:[1-9 idma]|enter|tab|back-tab|click)$/
function noticeOf(title: string, { isDone, lines: [first = isDone ? 'done' : 'failed'] }: Said): string {
  return isDone ? first : `${title}: ${first.replace(/^orch: /, '')} (! shows all)`
}
