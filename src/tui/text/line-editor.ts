import { fitLine, textWidth, type Line } from './line.ts'
import { visibleText } from './visible.ts'

/** One line of text that a person types. */
export class LineEditor {
  readonly prompt: string
  #before: string[]
  #after: string[] = []

  constructor(prompt: string, text = '') {
    this.prompt = prompt
    this.#before = [...text]
  }

  get text(): string {
    return [...this.#before, ...this.#after].join('')
  }

  press(key: string): void {
    const all = [...this.#before, ...this.#after]
    if (key === 'backspace') this.#before.pop()
    else if (key === 'delete') this.#after.shift()
    else if (key === 'left') this.#after.unshift(...this.#before.splice(-1))
    else if (key === 'right') this.#before.push(...this.#after.splice(0, 1))
    else if (key === 'home' || key === 'ctrl-a') [this.#before, this.#after] = [[], all]
    else if (key === 'end' || key === 'ctrl-e') [this.#before, this.#after] = [all, []]
    else if (key === 'ctrl-u') this.#before = []
    else if ([...key].length === 1) this.#before.push(key)
  }

  /** It stays one line. */
  paste(text: string): void {
    this.#before.push(...text.trim().replaceAll(/\s+/g, ' '))
  }

  /** Scrolled so that the cursor is seen. */
  draw(width: number): Line {
    const before = visibleText(this.#before.join(''))
    const prompt = `${this.prompt} `
    const line: Line = [{ text: before }, { text: '▏', tone: 'key' }, { text: visibleText(this.#after.join('')) }]
    const room = Math.max(10, width - textWidth(prompt))
    return [{ text: prompt, tone: 'key' }, ...fitLine(line, room, Math.max(0, textWidth(before) + 2 - room))]
  }
}
