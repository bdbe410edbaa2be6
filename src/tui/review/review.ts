import { Failure } from '../../foundation/failure.ts'
import type { Line } from '../text/line.ts'
import type { Screen, Size } from '../terminal/screen.ts'
import { isSamePlace, reviewMessage, type Comment } from '../diff/comments.ts'
import { DiffPane } from '../diff/diff-pane.ts'
import { drawReview } from './draw-review.ts'
import type { Desk, Material, Outcome, ReviewItem } from './item.ts'
import { LineEditor } from '../text/line-editor.ts'

/** All that is known and was said of one item in this sitting. */
export interface Sitting {
  readonly item: ReviewItem
  material: Material | undefined
  pane: DiffPane | undefined
  comments: readonly Comment[]
  /** What was done about it, oldest first. */
  outcome: readonly string[]
  isSettled: boolean
  isSeen: boolean
  /** Rows of the summary that were scrolled away. */
  top: number
}

/** What is shown at the bottom and takes the keys. */
export type Asking =
  | { readonly kind: 'line'; readonly editor: LineEditor; readonly isRequired: boolean; take(text: string): void }
  | { readonly kind: 'question'; readonly text: string; yes(): void }

/** The whole of `orch review`: keys in, lines out. What changes anything outside is the desk's. */
export class Review implements Screen {
  readonly sittings: readonly Sitting[]
  at = 0
  page: 'summary' | 'diff' | 'help' = 'summary'
  asking: Asking | undefined
  notice = ''
  /** What is being done: one thing at a time. */
  busy: string | undefined
  isInterrupted = false
  readonly ended: Promise<void>
  readonly #desk: Desk
  readonly #listeners = new Set<() => void>()
  #end: () => void = () => {}
  #lastSearch = ''
  /** Where the help goes back to. */
  #before: Review['page'] = 'summary'

  constructor(items: readonly ReviewItem[], desk: Desk) {
    this.#desk = desk
    this.sittings = items.map((item) => ({
      item,
      material: undefined,
      pane: undefined,
      comments: [],
      outcome: [],
      isSettled: false,
      isSeen: false,
      top: 0,
    }))
    this.ended = new Promise((resolve) => (this.#end = resolve))
    this.#open(0)
  }

  get sitting(): Sitting {
    const sitting = this.sittings[this.at]
    if (sitting === undefined) throw new Failure('nothing-to-review', 'there is nothing to review')
    return sitting
  }

  draw(size: Size): readonly Line[] {
    return drawReview(this, size)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  press(key: string): void {
    if (key === 'ctrl-c') {
      this.isInterrupted = true
      this.#end()
    } else if (this.asking !== undefined) this.#answer(this.asking, key)
    else {
      this.notice = ''
      if (this.page === 'help') this.page = this.#before
      else this.#command(key)
    }
    this.#tell()
  }

  /** Pasted lines are no commands. */
  paste(text: string): void {
    if (this.asking?.kind === 'line') this.asking.editor.paste(text)
    else this.notice = 'There is nothing here to paste into.'
    this.#tell()
  }

  #answer(asking: Asking, key: string): void {
    if (key === 'escape') this.asking = undefined
    else if (asking.kind === 'question') {
      this.asking = undefined
      if (key === 'y' || key === 'Y') asking.yes()
    } else if (key !== 'enter') asking.editor.press(key)
    else if (asking.isRequired && asking.editor.text.trim() === '') this.notice = 'It needs a few words; Esc leaves it.'
    else {
      this.asking = undefined
      asking.take(asking.editor.text.trim())
    }
  }

  #command(key: string): void {
    const judge = JUDGING[key]
    if (judge !== undefined) return judge === 'skip' ? this.#skip() : this.#judge(judge)
    if (key === '?') [this.#before, this.page] = [this.page, 'help']
    else if (key === 'q') this.#quit()
    else if (key === 'n' || key === 'N') this.#openNext(key === 'n' ? 1 : -1)
    else if (/^[1-9]$/.test(key)) this.#open(Number(key) - 1)
    else if (this.page === 'summary') this.#onSummary(key)
    else if (this.sitting.pane !== undefined) this.#onDiff(this.sitting.pane, key)
  }

  #onSummary(key: string): void {
    const { sitting } = this
    const by = { j: 1, down: 1, k: -1, up: -1, 'page-down': 10, 'page-up': -10, g: -100_000 }[key]
    if (by !== undefined) sitting.top = Math.max(0, sitting.top + by)
    else if (['enter', 'd', 'tab', ']', 'J'].includes(key)) this.#openDiff(key === 'tab')
  }

  #openDiff(isListFocused: boolean): void {
    const { pane } = this.sitting
    if (pane === undefined) this.notice = 'It is still being loaded.'
    else if (pane.files.length === 0) this.notice = 'Its branch changes nothing.'
    else {
      this.page = 'diff'
      pane.isListFocused = isListFocused
    }
  }

  #onDiff(pane: DiffPane, key: string): void {
    if (key === 'tab') pane.isListFocused = !pane.isListFocused
    else if (key === 'enter') pane.isListFocused = false
    else if (key === 'escape') this.#back(pane)
    else if (key === 'c') this.#comment(pane)
    else if (key === '/') this.#search(pane)
    else if (!pane.press(key)) this.notice = `${key} does nothing here; ? shows the keys`
  }

  #back(pane: DiffPane): void {
    if (pane.isListFocused) pane.isListFocused = false
    else this.page = 'summary'
  }

  #comment(pane: DiffPane): void {
    const { sitting } = this
    const { place } = pane
    if (place === undefined) return
    const known = sitting.comments.find((comment) => isSamePlace(comment, place))
    const where = place.line === undefined ? place.path : `${place.path}:${place.line}`
    this.#ask(
      `comment on ${where}:`,
      (text) => {
        const others = sitting.comments.filter((comment) => comment !== known)
        sitting.comments = text === '' ? others : [...others, { ...place, text }]
      },
      { text: known?.text ?? '' },
    )
  }

  #search(pane: DiffPane): void {
    this.#ask('search:', (text) => {
      this.#lastSearch = text === '' ? this.#lastSearch : text
      if (this.#lastSearch !== '' && !pane.search(this.#lastSearch)) this.notice = `nothing has "${this.#lastSearch}"`
    })
  }

  #judge(what: 'merge' | 'send back' | 'discard'): void {
    const { sitting } = this
    const { item, material, comments } = sitting
    const name = item.status.handle
    if (this.busy !== undefined) this.notice = `wait: ${this.busy}`
    else if (sitting.isSettled) this.notice = 'That is settled; n goes to the next one.'
    else if (material === undefined) this.notice = 'It is still being loaded.'
    else if (what === 'merge') {
      const unsent = comments.length === 0 ? '' : ` (${countOf(comments)} will not be sent)`
      const yes = (): void => this.#do(sitting, `merging ${name}`, () => this.#desk.merge(item, material.head))
      this.asking = { kind: 'question', text: `Merge ${name} into ${item.status.target}?${unsent} y / n`, yes }
    } else if (what === 'discard')
      this.#ask(`discard ${name}, because:`, (why) => this.#do(sitting, `archiving ${name}`, () => this.#desk.discard(item, why)), {
        isRequired: true,
      })
    else {
      const prompt = comments.length === 0 ? `what should ${name} change?` : `a word to go with ${countOf(comments)} (or just Enter):`
      const take = (text: string): void => {
        const message = reviewMessage(item.status, material.head, comments, text)
        this.#do(sitting, `sending ${name} back`, async () => {
          const outcome = await this.#desk.sendBack(item, message)
          sitting.comments = []
          return outcome
        })
      }
      this.#ask(prompt, take, { isRequired: comments.length === 0 })
    }
  }

  #skip(): void {
    const { sitting } = this
    const { material, item } = sitting
    if (material !== undefined && !sitting.isSettled)
      this.#desk.skip(item, material.head).then(
        ({ lines }) => this.#report(sitting, lines),
        (error: unknown) => this.#report(sitting, this.#desk.explain(error)),
      )
    this.#openNext(1, true)
  }

  #do(sitting: Sitting, what: string, work: () => Promise<Outcome>): void {
    this.busy = what
    const finish = (lines: readonly string[], isSettled: boolean): void => {
      sitting.isSettled ||= isSettled
      this.busy = undefined
      if (sitting === this.sitting && this.page === 'diff') this.page = 'summary'
      this.#report(sitting, lines)
    }
    work().then(
      ({ lines, isSettled }) => finish(lines, isSettled),
      (error: unknown) => finish(this.#desk.explain(error), false),
    )
  }

  #report(sitting: Sitting, lines: readonly string[]): void {
    sitting.outcome = [...sitting.outcome, ...lines]
    sitting.top = 0
    this.#tell()
  }

  #quit(): void {
    const unsent = this.sittings.flatMap(({ comments }) => comments)
    const why = [
      ...(unsent.length > 0 ? [`${countOf(unsent)} not sent`] : []),
      ...(this.busy === undefined ? [] : [`${this.busy} goes on`]),
    ]
    if (why.length === 0) this.#end()
    else this.asking = { kind: 'question', text: `Quit? ${why.join(', ')}. y / n`, yes: () => this.#end() }
  }

  #openNext(direction: 1 | -1, isUnseenOnly = false): void {
    const count = this.sittings.length
    const order = Array.from({ length: count - 1 }, (_, step) => (this.at + direction * (step + 1) + count * 2) % count)
    const open = order.filter((at) => this.sittings[at]?.isSettled === false)
    const next = open.find((at) => this.sittings[at]?.isSeen === false) ?? (isUnseenOnly ? undefined : open[0])
    if (next === undefined) this.notice = 'That was the last one; q quits.'
    else this.#open(next)
  }

  #open(at: number): void {
    const sitting = this.sittings[at]
    if (sitting === undefined) return
    this.at = at
    this.page = 'summary'
    sitting.isSeen = true
    if (sitting.material !== undefined) return
    this.#desk.load(sitting.item).then(
      (material) => {
        sitting.material = material
        sitting.pane = new DiffPane(material.patch, () => this.#tell())
        this.#tell()
      },
      (error: unknown) => this.#report(sitting, this.#desk.explain(error)),
    )
  }

  #ask(prompt: string, take: (text: string) => void, { text = '', isRequired = false } = {}): void {
    this.asking = { kind: 'line', editor: new LineEditor(prompt, text), isRequired, take }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

const JUDGING: Readonly<Record<string, 'merge' | 'send back' | 'discard' | 'skip'>> = {
  m: 'merge',
  b: 'send back',
  x: 'discard',
  ' ': 'skip',
}

function countOf(comments: readonly Comment[]): string {
  return `${comments.length} ${comments.length === 1 ? 'comment' : 'comments'}`
}
