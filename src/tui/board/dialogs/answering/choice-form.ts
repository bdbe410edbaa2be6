import type { AgentQuestion } from '../../../../domain/sessions/session-event.ts'
import { lineOf, wrapLine, type Line } from '../../../text/line.ts'
import { TextEditor } from '../../../text/text-editor.ts'
import { visibleText } from '../../../text/visible.ts'
import { paragraph } from '../frame.ts'
import type { Form } from './form.ts'

/** One question after the other, each with numbered options; words of the person's own are an answer too. */
export class ChoiceForm implements Form {
  readonly #questions: readonly AgentQuestion[]
  readonly #argv: (answers: readonly Answer[]) => readonly string[]
  #answers: readonly Answer[] = []
  #editor: TextEditor
  #at: number | undefined
  #marked: ReadonlySet<number> = new Set()
  /** Digits of a number that is being typed. */
  #digits = ''

  constructor(questions: readonly AgentQuestion[], draft: string, argv: (answers: readonly Answer[]) => readonly string[]) {
    this.#questions = questions
    this.#editor = new TextEditor(draft)
    this.#argv = argv
  }

  get text(): string {
    return this.#editor.text
  }

  get keys(): string {
    const last = this.#answers.length + 1 === this.#questions.length ? 'Enter answer' : 'Enter next question'
    const mark = this.#question.isMultiple ? 'Space mark several · ' : ''
    return `1-${this.#question.options.length} choose, or type words · ${mark}${last}`
  }

  draw(width: number, rows: number): readonly Line[] {
    const count = this.#questions.length
    const title = count > 1 ? [lineOf(`Question ${this.#answers.length + 1} of ${count}`, 'faint')] : []
    const asked = count > 1 ? paragraph(this.#question.text, width, 'strong') : []
    const words = this.text === '' ? [] : this.#editor.drawRows(width, 3)
    const room = Math.max(1, rows - title.length - asked.length - words.length)
    return [...title, ...asked, ...this.#drawOptions(width, room), ...words]
  }

  press(key: string): readonly string[] | 'pass' | undefined {
    if (key === 'enter') return this.#take()
    if (key === 'escape') return this.#back()
    if (this.text === '' && /^\d$/.test(key)) this.#type(key)
    else if (this.text === '' && (key === 'up' || key === 'down'))
      this.#choose((this.#at ?? (key === 'up' ? 1 : -1)) + (key === 'up' ? -1 : 1))
    else if (this.text === '' && key === ' ') this.#mark()
    else if (!this.#editor.press(key)) return 'pass'
    return undefined
  }

  paste(text: string): void {
    this.#editor.paste(text)
  }

  get #question(): AgentQuestion {
    return this.#questions[this.#answers.length] ?? { text: '', options: [], isMultiple: false }
  }

  #drawOptions(width: number, rows: number): readonly Line[] {
    const { options, isMultiple } = this.#question
    const lines = options.map(({ label, description }, at): readonly Line[] => {
      const mark = isMultiple ? (this.#marked.has(at) ? '[x] ' : '[ ] ') : ''
      const isChosen = at === this.#at && this.text === ''
      const more = description === undefined || description === '' ? '' : ` – ${visibleText(description.replaceAll(/\s+/g, ' '))}`
      const line: Line = [
        { text: isChosen ? '› ' : '  ', tone: 'strong' },
        { text: `${at + 1} `, tone: 'key' },
        { text: `${mark}${visibleText(label)}`, tone: isChosen ? 'strong' : undefined },
        { text: more, tone: 'faint' },
      ]
      return wrapLine(line, width)
    })
    const before = lines.slice(0, this.#at ?? 0).flat().length
    const top = Math.max(0, before - rows + (lines[this.#at ?? 0]?.length ?? 1))
    return lines.flat().slice(top, top + rows)
  }

  #type(digit: string): void {
    const longer = Number(this.#digits + digit)
    const isLonger = this.#digits !== '' && longer <= this.#question.options.length
    this.#digits = isLonger ? this.#digits + digit : digit
    const number = Number(this.#digits)
    if (number < 1 || number > this.#question.options.length) return
    this.#at = number - 1
  }

  #choose(at: number): void {
    this.#digits = ''
    const { length } = this.#question.options
    if (length > 0) this.#at = (at + length) % length
  }

  #mark(): void {
    if (!this.#question.isMultiple || this.#at === undefined) return
    const marked = new Set(this.#marked)
    if (!marked.delete(this.#at)) marked.add(this.#at)
    this.#marked = marked
  }

  #take(): readonly string[] | undefined {
    const answer = this.#answer()
    if (answer === undefined) return undefined
    const answers = [...this.#answers, answer]
    // The last one stays until it was heard.
    if (answers.length === this.#questions.length) return this.#argv(answers)
    this.#open(answers)
    return undefined
  }

  #answer(): Answer | undefined {
    const text = this.text.trim()
    if (text !== '') return { text }
    const { options, isMultiple } = this.#question
    const marked =
      isMultiple && this.#marked.size > 0 ? [...this.#marked].toSorted((a, b) => a - b) : this.#at === undefined ? [] : [this.#at]
    const chosen = marked.flatMap((at) => options[at]?.label ?? [])
    return chosen.length === 0 ? undefined : { numbers: marked.map((at) => at + 1), labels: chosen, isMultiple }
  }

  #back(): 'pass' | undefined {
    if (this.text !== '' || this.#answers.length === 0) return 'pass'
    this.#open(this.#answers.slice(0, -1))
    return undefined
  }

  #open(answers: readonly Answer[]): void {
    this.#answers = answers
    this.#editor = new TextEditor()
    this.#at = undefined
    this.#marked = new Set()
    this.#digits = ''
  }
}

export type Answer =
  | { readonly text: string }
  | { readonly numbers: readonly number[]; readonly labels: readonly string[]; readonly isMultiple: boolean }

/** To one of a session's own questions. A label is exact; a number where a label would be taken for one, or for several. */
export function requestWord(answer: Answer): string {
  if ('text' in answer) return answer.text
  const [label = ''] = answer.labels
  return answer.isMultiple || /^\d+$/.test(label) ? answer.numbers.join(',') : label
}

/** To what stands on the board. */
export function messageWord(answer: Answer): string {
  return 'text' in answer ? answer.text : answer.numbers.join(',')
}
