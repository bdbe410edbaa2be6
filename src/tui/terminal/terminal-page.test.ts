import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { lineOf, type Line } from '../text/line.ts'
import type { Screen } from './screen.ts'
import { runScreen } from './run-screen.ts'
import { TerminalPage, type Terminal } from './terminal-page.ts'

/** A terminal of 20 × 4 whose writes are kept. */
function openTerminal(): {
  terminal: Terminal
  type: (text: string) => void
  written: () => string
  modes: boolean[]
  resize: (rows: number) => void
} {
  let text = ''
  const modes: boolean[] = []
  const nothing = (): void => {}
  const setRawMode = (isRaw: boolean): void => void modes.push(isRaw)
  const stdin = Object.assign(new EventEmitter(), { setRawMode, ref: nothing, unref: nothing, resume: nothing, pause: nothing })
  const write = (words: string): void => void (text += words)
  const stdout = Object.assign(new EventEmitter(), { columns: 20, rows: 4, write })
  const take = (): string => {
    const taken = text
    text = ''
    return taken
  }
  const terminal = { stdin, stdout, isColored: false } as unknown as Terminal
  const resize = (rows: number): void => {
    stdout.rows = rows
    stdout.emit('resize')
  }
  return { terminal, type: (keys) => void stdin.emit('data', Buffer.from(keys)), written: take, modes, resize }
}

class ListScreen implements Screen {
  lines: readonly Line[] = [lineOf('one'), lineOf('two')]
  keys: string[] = []
  drawn = 0
  change: () => void = () => {}
  end: () => void = () => {}
  readonly ended = new Promise<void>((resolve) => (this.end = resolve))
  draw(): readonly Line[] {
    this.drawn += 1
    return this.lines
  }
  press(key: string): void {
    this.keys.push(key)
    if (key === 'q') this.end()
  }
  paste(text: string): void {
    this.keys.push(`pasted ${text}`)
  }
  onChange(listener: () => void): () => void {
    this.change = listener
    return () => {}
  }
}

const nobody = new AbortController().signal
const row = (at: number, text: string): string => `\u001b[${at};1H\u001b[2K${text}`
const rowsOf = (text: string): readonly string[] =>
  text
    // oxlint-disable-next-line no-control-regex -- what moves a cursor begins with a control character
    .split(/(?=\u001b\[\d+;1H)/)
    .slice(1)
    .map((part) => part.replace('\u001b[?2026l', ''))

test('only rows that changed are written, a key draws at once, many changes draw once, and all is put right at the end', async () => {
  const { terminal, type, written, modes } = openTerminal()
  const screen = new ListScreen()
  const over = runScreen(screen, new TerminalPage(terminal), nobody)
  const first = written()
  expect(first).toContain('\u001b[?1049h')
  expect(first).toContain('\u001b[?1006h')
  expect(rowsOf(first)).toEqual([row(1, 'one'), row(2, 'two'), row(3, ''), row(4, '')])
  screen.lines = [lineOf('one'), lineOf('three')]
  type('j\u001b[200~a\nq\u001b[201~')
  expect(screen.keys).toEqual(['j', 'pasted a\nq'])
  expect(rowsOf(written())).toEqual([row(2, 'three')])
  const before = screen.drawn
  screen.lines = [lineOf('four')]
  for (let count = 0; count < 100; count += 1) screen.change()
  await until(() => screen.drawn > before, { what: 'it is drawn' })
  expect(screen.drawn).toBe(before + 1)
  expect(rowsOf(written())).toEqual([row(1, 'four'), row(2, '')])
  screen.change()
  await until(() => screen.drawn > before + 1, { what: 'it is drawn again' })
  expect(written()).toBe('')
  type('q')
  await over
  const last = written()
  expect([last.includes('\u001b[?1006l'), last.endsWith('\u001b[?25h\u001b[?1049l')]).toEqual([true, true])
  expect(modes).toEqual([true, false])
})

test('a lone Escape is a key when nothing follows, and a resize draws all', async () => {
  const { terminal, type, written, resize } = openTerminal()
  const screen = new ListScreen()
  const over = runScreen(screen, new TerminalPage(terminal), nobody)
  type('\u001b')
  await until(() => screen.keys.length === 1, { what: 'Escape is told' })
  expect(screen.keys).toEqual(['escape'])
  written()
  resize(3)
  expect(rowsOf(written())).toEqual([row(1, 'one'), row(2, 'two'), row(3, '')])
  screen.end()
  await over
})

test('who ends without a word leaves the terminal as it was; a page that was given away is drawn again', async () => {
  const { terminal, written, modes } = openTerminal()
  const others = process.listeners('exit')
  const page = new TerminalPage(terminal)
  const screen = new ListScreen()
  const stop = new AbortController()
  const over = runScreen(screen, page, stop.signal)
  written()
  const said = await page.handOver(async () => {
    expect([page.isHandedOver, written().endsWith('\u001b[?1049l'), modes.at(-1)]).toEqual([true, true, false])
    screen.change()
    return 'done'
  })
  expect([said, page.isHandedOver, modes.at(-1)]).toEqual(['done', false, true])
  expect(rowsOf(written())).toHaveLength(4)
  // What node calls when the process ends, whatever ends it.
  const [atExit] = process.listeners('exit').filter((listener) => !others.includes(listener))
  atExit?.(1)
  expect([written().endsWith('\u001b[?1049l'), modes.at(-1)]).toEqual([true, false])
  stop.abort()
  await over
  expect(process.listeners('exit')).toEqual(others)
})

test('keys that were typed ahead of giving the terminal away do nothing', async () => {
  const { terminal, type, written } = openTerminal()
  const page = new TerminalPage(terminal)
  const screen = new ListScreen()
  let giveBack: () => void = () => {}
  const press = screen.press.bind(screen)
  const given: Promise<unknown>[] = []
  screen.press = (key) => {
    press(key)
    if (key === 'a') given.push(page.handOver(() => new Promise<void>((resolve) => (giveBack = resolve))))
  }
  const over = runScreen(screen, page, nobody)
  written()
  type('aaq\u001a')
  expect([screen.keys, given.length, written().endsWith('\u001b[?1049l')]).toEqual([['a'], 1, true])
  giveBack()
  await Promise.all(given)
  expect(rowsOf(written())).toHaveLength(4)
  type('q')
  await over
})
