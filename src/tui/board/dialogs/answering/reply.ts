import { plainLine } from '../../../../foundation/text.ts'
import type { InboxItem } from '../../../../domain/gates/inbox-item.ts'
import type { TaskStatus } from '../../../../protocol/task-status.ts'
import { lineOf, type Line } from '../../../text/line.ts'
import type { Size } from '../../../terminal/screen.ts'
import { bodyRows, cachedParagraph, frame, paragraph } from '../frame.ts'
import type { Surroundings } from '../surroundings.ts'
import { OpenDialog } from '../open-dialog.ts'
import { askedBy, formFor, messageForm } from './form-for.ts'
import type { Form } from './form.ts'

/** What is answered now: one thing that waits, which no other takes the place of under the person's fingers, or nothing but a word to the session. */
interface Topic {
  readonly item: InboxItem | undefined
  readonly form: Form
}

/** A word to a task's session. Where it asks something, the answers come first, one after the other. */
export class ReplyDialog extends OpenDialog {
  readonly place = 'box'
  readonly #task: TaskStatus
  readonly #around: Surroundings
  /** Answered here: the fleet may not have heard of it yet. */
  readonly #answered = new Set<string>()
  #topic: Topic
  #isBusy = false
  /** Nothing is asked at this moment: it was answered or taken back elsewhere, or has just been answered here. */
  #pause: 'gone' | 'answered' | undefined
  /** What was said about the last try. */
  #refusal: readonly string[] = []
  /** Rows of the question that were scrolled away. */
  #top = 0
  readonly #askedLines = cachedParagraph()

  constructor(task: TaskStatus, around: Surroundings) {
    super()
    this.#task = task
    this.#around = around
    this.#topic = this.#topicOf(this.#open()[0])
    this.untilOver(around.onFleet(() => this.#look()))
  }

  draw(size: Size): readonly Line[] {
    const { item, form } = this.#topic
    const width = size.columns
    const room = bodyRows(size)
    const refusal = this.#refusal.flatMap((line) => paragraph(line, width, 'bad'))
    const answer = [...this.#drawAnswer(width, Math.max(2, Math.floor(room / 2))), ...refusal]
    const asked = item === undefined ? [] : [...this.#askedLines(item.text, width), ...(room > 8 ? [[]] : [])]
    return frame(this.#title(), [...this.#window(asked, Math.max(1, room - answer.length)), ...answer], this.#keys(form), size)
  }

  protected onKey(key: string): void {
    if (this.#pause !== undefined) return this.#next()
    // A word under way cannot be changed; the dialog may go.
    if (this.#isBusy) return key === 'escape' ? this.end() : undefined
    const { item, form } = this.#topic
    const said = form.press(key)
    if (said === 'pass') this.#unanswered(key)
    else {
      if (said !== undefined) void this.#say(said, item)
      this.#keepDraft()
    }
  }

  protected override onPaste(text: string): void {
    if (this.#isBusy || this.#pause !== undefined) return
    this.#topic.form.paste(text)
    this.#keepDraft()
  }

  #unanswered(key: string): void {
    const by = SCROLL[key]
    if (key === 'escape') this.end()
    else if (key === 'tab') this.#switch()
    else if (by !== undefined) this.#top = Math.max(0, this.#top + by)
  }

  /** To a plain word for the session, and back to what it asks. */
  #switch(): void {
    const [first] = this.#open()
    if (first !== undefined) this.#begin(this.#topic.item === undefined ? first : undefined)
  }

  async #say(argv: readonly string[], item: InboxItem | undefined): Promise<void> {
    this.#isBusy = true
    this.#refusal = []
    const { handle, repository } = this.#task
    const draft = draftOf(this.#task, item)
    this.#around.drafts.keep(draft, this.#topic.form.text)
    const said = await this.#around.errands.run(`${argv[0]} ${item === undefined ? handle : `${handle} (${item.id})`}`, argv, repository)
    this.#isBusy = false
    if (said.isDone) {
      this.#around.drafts.keep(draft, '')
      if (item !== undefined) this.#answered.add(item.id)
      // What is asked next is never answered by a key that was meant for this one.
      if (this.#open().length === 0) this.end()
      else this.#pause = 'answered'
    } else this.#refusal = said.lines
    this.tell()
  }

  #next(): void {
    const [next] = this.#open()
    if (next === undefined) this.end()
    else this.#begin(next)
  }

  #begin(item: InboxItem | undefined): void {
    this.#topic = this.#topicOf(item)
    this.#pause = undefined
    this.#refusal = []
    this.#top = 0
  }

  /** Nothing is decided under the person's fingers: what is gone is said, and the next thing comes with a key. */
  #look(): void {
    const { item } = this.#topic
    if (item === undefined || this.#isBusy || this.#pause === 'answered') return
    const isAsked = askedBy(this.#current(), this.#around.fleet.inbox).some(({ id }) => id === item.id)
    this.#pause = isAsked ? undefined : 'gone'
    this.tell()
  }

  #open(): readonly InboxItem[] {
    return askedBy(this.#current(), this.#around.fleet.inbox).filter(({ id }) => !this.#answered.has(id))
  }

  #current(): TaskStatus {
    return this.#around.fleet.tasks.find(({ handle }) => handle === this.#task.handle) ?? this.#task
  }

  #topicOf(item: InboxItem | undefined): Topic {
    const draft = this.#around.drafts.of(draftOf(this.#task, item))
    return { item, form: item === undefined ? messageForm(this.#task, draft) : formFor(item, this.#current(), draft) }
  }

  #keepDraft(): void {
    if (!this.isOver && !this.#isBusy) this.#around.drafts.keep(draftOf(this.#task, this.#topic.item), this.#topic.form.text)
  }

  #title(): string {
    const { item } = this.#topic
    const name = plainLine(this.#task.handle)
    if (item === undefined) return `To ${name}`
    const more = this.#open().length - (this.#pause === undefined ? 1 : 0)
    return `${name}: ${plainLine(item.kind === 'permission' ? item.what : KINDS[item.kind])}${more > 0 ? ` · ${more} more` : ''}`
  }

  #keys(form: Form): string {
    if (this.#pause !== undefined) return 'any key goes on'
    if (this.#isBusy) return 'Esc leaves it going on'
    const other = this.#open().length === 0 ? '' : this.#topic.item === undefined ? ' · Tab what it asks' : ' · Tab write to it instead'
    return `${form.keys}${other} · Esc${form.text === '' ? '' : ' keeps the draft'}`
  }

  #drawAnswer(width: number, rows: number): readonly Line[] {
    if (this.#pause === 'gone') return [lineOf('That was answered meanwhile. What you have typed is kept.', 'warning')]
    if (this.#pause === 'answered') return [lineOf(`Answered. It asks ${countOf(this.#open().length)} more.`, 'good')]
    if (this.#isBusy) return [lineOf('saying it …', 'key')]
    return this.#topic.form.draw(width, rows)
  }

  #window(lines: readonly Line[], rows: number): readonly Line[] {
    if (lines.length <= rows) return lines
    this.#top = Math.min(this.#top, lines.length - rows + 1)
    const more: Line = lineOf(`… ${lines.length} lines, PgDn and PgUp show all`, 'faint')
    return [...lines.slice(this.#top, this.#top + rows - 1), more]
  }
}

const SCROLL: Readonly<Record<string, number>> = { 'page-down': 5, 'page-up': -5, down: 1, up: -1, 'wheel-down': 3, 'wheel-up': -3 }

const KINDS: Readonly<Record<InboxItem['kind'], string>> = {
  permission: 'asks for leave',
  choice: 'asks you to choose',
  gate: 'a gate is yours to decide',
  escalation: 'leaves something to you',
  question: 'asks you',
  need: 'needs something of you',
  task: 'needs you',
  failed: 'failed',
  review: 'waits for your review',
}

function countOf(things: number): string {
  return things === 1 ? 'one thing' : `${things} things`
}

function draftOf({ handle }: TaskStatus, item: InboxItem | undefined): string {
  return item === undefined ? handle : `${handle} ${item.id}`
}
