import { lineOf, type Line } from '../../../text/line.ts'
import type { Form } from './form.ts'
import { WordsForm } from './words-form.ts'

/** Yes, or no with a reason. */
export class LeaveForm implements Form {
  readonly #id: string
  #reason: WordsForm | undefined

  constructor(id: string, draft: string) {
    this.#id = id
    if (draft !== '') this.#deny(draft)
  }

  get text(): string {
    return this.#reason?.text ?? ''
  }

  get keys(): string {
    return this.#reason?.keys ?? 'y approve · n deny'
  }

  draw(width: number, rows: number): readonly Line[] {
    if (this.#reason === undefined) return [lineOf('Approve? y / n', 'strong')]
    return [lineOf('Deny, because:', 'strong'), ...this.#reason.draw(width, Math.max(1, rows - 1))]
  }

  press(key: string): readonly string[] | 'pass' | undefined {
    if (this.#reason !== undefined) {
      if (key !== 'escape') return this.#reason.press(key)
      this.#reason = undefined
      return undefined
    }
    if (key === 'y') return ['approve', '--', this.#id]
    if (key !== 'n') return 'pass'
    this.#deny('')
    return undefined
  }

  paste(text: string): void {
    this.#reason?.paste(text)
  }

  #deny(draft: string): void {
    this.#reason = new WordsForm(draft, {
      keys: 'Enter deny (a reason helps the session) · Esc back',
      isOptional: true,
      argv: (text) => ['deny', '--', this.#id, ...(text === '' ? [] : [asReason(text)])],
    })
  }
}

/** `orch deny` takes a word that looks like another request for one; a reason never begins with a space there. */
function asReason(text: string): string {
  return /\s/.test(text) ? text : ` ${text}`
}
