import { commandLine } from '../../../../foundation/shell.ts'
import { lineOf, type Line } from '../../../text/line.ts'
import { LineEditor } from '../../../text/line-editor.ts'
import type { Size } from '../../../terminal/screen.ts'
import { visibleText } from '../../../text/visible.ts'
import type { Candidate, Said } from '../../desk.ts'
import type { Dialog } from '../dialog.ts'
import { frame, paragraph } from '../frame.ts'
import type { Surroundings } from '../surroundings.ts'
import { OpenDialog } from '../open-dialog.ts'
import { PageDialog } from '../pages/page.ts'
import { commandOf, unfinishedOf, withCandidate, type Unfinished } from './typed-command.ts'

/** Any command of orch, with completion; what it says is a page. No shell is asked. */
export class PaletteDialog extends OpenDialog {
  readonly #around: Surroundings
  readonly #repository: string | undefined
  #editor: LineEditor
  #candidates: readonly Candidate[] = []
  /** Those are of an older line; `wanted`: Tab was pressed meanwhile. */
  #coming: Coming = 'nothing'
  #at: number | undefined
  #notice = ''
  #known: { readonly asked: string; readonly found: Promise<readonly Candidate[]> } | undefined
  /** Counts what was typed: candidates of an older line are none. */
  #edition = 0
  #page: PageDialog | undefined

  constructor(around: Surroundings, repository: string | undefined) {
    super()
    this.#around = around
    this.#repository = repository
    this.#editor = new LineEditor('orch', around.drafts.of(DRAFT))
    void this.#complete()
  }

  get place(): Dialog['place'] {
    return this.#page === undefined ? 'box' : 'whole'
  }

  draw(size: Size): readonly Line[] {
    if (this.#page !== undefined) return this.#page.draw(size)
    const { columns, rows } = size
    const room = Math.max(0, Math.min(SHOWN, rows - 4))
    const top = Math.max(0, Math.min((this.#at ?? 0) - room + 1, this.#candidates.length - room))
    const list = this.#candidates.slice(top, top + room).map(([value, summary], at): Line => [
      { text: top + at === this.#at ? '› ' : '  ', tone: 'strong' },
      { text: visibleText(value).padEnd(24), tone: top + at === this.#at ? 'strong' : 'key' },
      { text: ` ${visibleText(summary)}`, tone: 'faint' },
    ])
    const notice = this.#notice === '' ? [] : paragraph(this.#notice, columns, 'warning')
    return frame('Command', [this.#editor.draw(columns), ...notice, ...list], 'Tab completes · ↑ ↓ choose · Enter runs · Esc', size)
  }

  protected onKey(key: string): void {
    if (this.#page !== undefined) {
      if (this.#page.press(key) === 'close') this.end()
      return
    }
    this.#notice = ''
    if (key === 'escape') this.end()
    else if (key === 'enter') this.#run()
    else if (key === 'tab') this.#take()
    else if (key === 'up' || key === 'down') this.#choose(key === 'down' ? 1 : -1)
    else if (this.#editor.press(key)) this.#changed()
  }

  protected override onPaste(text: string): void {
    if (this.#page !== undefined) return
    this.#editor.paste(text)
    this.#changed()
  }

  #choose(by: 1 | -1): void {
    const { length } = this.#candidates
    if (length > 0) this.#at = ((this.#at ?? (by === 1 ? -1 : 0)) + by + length) % length
  }

  #take(): void {
    if (this.#coming !== 'nothing') {
      this.#coming = 'wanted'
      return
    }
    const unfinished = unfinishedOf(this.#editor.text)
    const [value] = this.#candidates[this.#at ?? 0] ?? []
    if (unfinished === undefined || value === undefined) return
    this.#editor = new LineEditor('orch', withCandidate(unfinished, value))
    this.#changed()
  }

  #changed(): void {
    this.#around.drafts.keep(DRAFT, this.#editor.text)
    void this.#complete()
  }

  async #complete(): Promise<void> {
    const edition = (this.#edition += 1)
    this.#coming = 'candidates'
    const unfinished = unfinishedOf(this.#editor.text)
    const found = unfinished === undefined ? [] : await this.#candidatesFor(unfinished)
    if (edition !== this.#edition) return
    const isWanted = (this.#coming as Coming) === 'wanted'
    this.#candidates = found
    this.#at = undefined
    this.#coming = 'nothing'
    if (isWanted) this.#take()
    this.tell()
  }

  /** Asked once for each word: while it is typed they only become fewer. */
  async #candidatesFor({ words, last }: Unfinished): Promise<readonly Candidate[]> {
    const stem = last.startsWith('-') ? '-' : last.slice(0, last.lastIndexOf(',') + 1)
    const asked = [...words, stem].join('\0')
    if (this.#known?.asked !== asked)
      this.#known = { asked, found: this.#around.desk.complete([...words, stem], this.#repository).catch(() => []) }
    return (await this.#known.found).filter(([value]) => value.startsWith(last))
  }

  #run(): void {
    const command = commandOf(this.#editor.text)
    if (command.kind === 'refused') {
      this.#notice = command.why
      return
    }
    this.#around.drafts.keep(DRAFT, '')
    const title = commandLine(command.argv)
    const { desk, errands } = this.#around
    if (command.kind === 'hand over') {
      this.end()
      void errands.keep(title, desk.handOver(command.argv))
    } else this.#show(title, errands.run(title, command.argv, this.#repository))
  }

  #show(title: string, work: Promise<Said>): void {
    let said: Said | undefined
    const page = new PageDialog({
      title: () => `orch ${title}${said === undefined ? ' …' : said.isDone ? '' : ' · failed'}`,
      lines: (width) =>
        said === undefined
          ? [lineOf('working … Esc leaves it going on; ! shows what became of it', 'key')]
          : said.lines.flatMap((line) => paragraph(line, width)),
    })
    this.#page = page
    void work.then((told) => {
      said = told
      this.tell()
    })
  }
}

const DRAFT = 'command'
const SHOWN = 8

type Coming = 'nothing' | 'candidates' | 'wanted'
