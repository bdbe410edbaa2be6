import { fitLine, textWidth, type Line } from './line.ts'
import { TextEditor } from './text-editor.ts'
import { visibleText } from './visible.ts'

/** One line of text that a person types. */
export class LineEditor extends TextEditor {
  readonly prompt: string

  constructor(prompt: string, text = '') {
    super(text)
    this.prompt = prompt
  }

  override press(key: string): boolean {
    return key !== 'newline' && key !== 'up' && key !== 'down' && super.press(key)
  }

  /** It stays one line. */
  override paste(text: string): void {
    super.paste(text.trim().replaceAll(/\s+/g, ' '))
  }

  /** Scrolled so that the cursor is seen. */
  draw(width: number, hasCursor = true): Line {
    const before = visibleText(this.before.join(''))
    const prompt = `${this.prompt} `
    const line: Line = [{ text: before }, { text: hasCursor ? '▏' : '', tone: 'key' }, { text: visibleText(this.after.join('')) }]
    const room = Math.max(10, width - textWidth(prompt))
    return [{ text: prompt, tone: 'key' }, ...fitLine(line, room, Math.max(0, textWidth(before) + 2 - room))]
  }
}
