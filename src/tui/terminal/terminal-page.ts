import { StringDecoder } from 'node:string_decoder'
import { invariant } from '../../foundation/invariant.ts'
import { paint } from '../text/paint.ts'
import type { Line } from '../text/line.ts'
import { KeyReader, type Key } from './keys.ts'
import type { Size } from './screen.ts'

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly isColored: boolean
}

/** A lone Escape is one when nothing has followed it for so long: what a terminal sends for one key comes together. */
const ESCAPE_MS = 30

/** The terminal's alternate page: only rows that changed are written; what stood there before comes back in the end, also at a crash. */
export class TerminalPage {
  readonly #terminal: Terminal
  readonly #reader = new KeyReader()
  readonly #decoder = new StringDecoder('utf8')
  #isShown = false
  #isHandedOver = false
  #rows: readonly string[] = []
  #undecided: NodeJS.Timeout | undefined
  #pressed: (keys: readonly Key[]) => void = () => {}
  #redraw: () => void = () => {}

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  get size(): Size {
    const { columns, rows } = this.#terminal.stdout
    return { columns: columns || 80, rows: rows || 24 }
  }

  /** Somebody else has the terminal, and what is typed is theirs. */
  get isHandedOver(): boolean {
    return this.#isHandedOver
  }

  /** `redraw` is called when nothing of what was drawn can be counted on. */
  open(pressed: (keys: readonly Key[]) => void, redraw: () => void): void {
    this.#pressed = pressed
    this.#redraw = redraw
    this.#terminal.stdout.on('resize', this.#resized)
    process.on('exit', this.#leave)
    process.on('SIGCONT', this.#cameBack)
    this.#enter()
  }

  close(): void {
    this.#leave()
    this.#terminal.stdout.off('resize', this.#resized)
    process.off('exit', this.#leave)
    process.off('SIGCONT', this.#cameBack)
  }

  show(lines: readonly Line[]): void {
    if (!this.#isShown) return
    const { rows } = this.size
    const next = Array.from({ length: rows }, (_, at) => paint(lines[at] ?? [], this.#terminal.isColored))
    const changed = next.flatMap((row, at) => (row === this.#rows[at] ? [] : [`${rowStart(at)}${row}`]))
    this.#rows = next
    if (changed.length > 0) this.#write(`${BEGIN_FRAME}${changed.join('')}${END_FRAME}`)
  }

  /** Gives the terminal away until the work is done. */
  async handOver<T>(work: () => Promise<T>): Promise<T> {
    invariant(!this.#isHandedOver, 'a terminal is given away once at a time')
    this.#isHandedOver = true
    this.#leave()
    try {
      return await work()
    } finally {
      this.#isHandedOver = false
      this.#enter()
      this.#redraw()
    }
  }

  #enter(): void {
    if (this.#isShown) return
    this.#isShown = true
    this.#rows = []
    const { stdin } = this.#terminal
    stdin.setRawMode(true)
    stdin.on('data', this.#arrived)
    stdin.ref()
    stdin.resume()
    this.#write(ENTER_PAGE)
  }

  readonly #leave = (): void => {
    if (!this.#isShown) return
    this.#isShown = false
    clearTimeout(this.#undecided)
    this.#write(LEAVE_PAGE)
    const { stdin } = this.#terminal
    stdin.off('data', this.#arrived)
    stdin.setRawMode(false)
    stdin.pause()
    // A terminal that is read keeps the program alive.
    stdin.unref()
  }

  readonly #arrived = (bytes: Buffer): void => {
    clearTimeout(this.#undecided)
    const keys = this.#reader.read(this.#decoder.write(bytes))
    if (this.#reader.isUndecided) this.#undecided = setTimeout(() => this.#press(this.#reader.decide()), ESCAPE_MS)
    this.#press(keys)
  }

  #press(keys: readonly Key[]): void {
    const before = keys.findIndex(({ name }) => name === 'ctrl-z')
    if (before === -1) return keys.length === 0 ? undefined : this.#pressed(keys)
    if (before > 0) this.#pressed(keys.slice(0, before))
    if (!this.#isHandedOver) this.#suspend()
  }

  /** As any program at Ctrl-Z. We go on here when we are continued, or at once where nobody can do that (no shell with jobs above us). */
  #suspend(): void {
    this.#leave()
    process.kill(0, 'SIGTSTP')
    setImmediate(this.#cameBack)
  }

  readonly #cameBack = (): void => {
    if (this.#isHandedOver) return
    this.#enter()
    this.#resized()
  }

  readonly #resized = (): void => {
    if (!this.#isShown) return
    this.#rows = []
    this.#write(CLEAR)
    this.#redraw()
  }

  #write(text: string): void {
    this.#terminal.stdout.write(text)
  }
}

const CLEAR = '\u001b[0m\u001b[2J'
/** Alternate page, no cursor, no wrapping at the right edge, pastes are marked, the mouse tells of its wheel and buttons by numbers. */
const ENTER_PAGE = `\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[?1000h\u001b[?1006h${CLEAR}`
const LEAVE_PAGE = '\u001b[?1006l\u001b[?1000l\u001b[?2004l\u001b[?7h\u001b[0m\u001b[?25h\u001b[?1049l'
/** Terminals that know it show all of it at once; the others pass it over. */
const BEGIN_FRAME = '\u001b[?2026h'
const END_FRAME = '\u001b[?2026l'

/** A row is erased before it is written: afterwards the cursor may still stand on its last cell. */
function rowStart(at: number): string {
  return `\u001b[${at + 1};1H\u001b[2K`
}
