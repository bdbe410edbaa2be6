import { expect, test } from 'vitest'
import { FakeDesk, inboxItem, sampleFleet } from '../../../test/support/cli/fake-desk.ts'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import type { Size } from '../terminal/screen.ts'
import { textOf, widthOf } from '../text/line.ts'
import { Board } from './board.ts'
import type { Preview } from './desk.ts'
import { FOOTERS, KEYS } from './key-table.ts'

process.env['TZ'] = 'UTC'

const wide: Size = { columns: 140, rows: 30 }
const narrow: Size = { columns: 60, rows: 15 }

function picture(board: Board, size: Size = wide): string {
  const lines = board.draw(size)
  expect(lines.length).toBeLessThanOrEqual(size.rows)
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(size.columns)
  return lines.map((line) => textOf(line).trimEnd()).join('\n')
}

function press(board: Board, ...keys: readonly string[]): void {
  for (const key of keys) board.press(key)
}

const say = (kind: string, text: string, minute = 0): Preview['lines'][number] => ({
  at: `2026-01-02T10:0${minute}:00.000Z`,
  kind,
  text,
})

const work: Preview = {
  lines: [
    say('started', 'session started (2.1.0)'),
    say('text', 'I look at the schema first, because the cart needs a table that nobody has made yet, and then at whoever reads from it.'),
    say('tool-started', 'Bash: npm test', 1),
    say('tool-ended', 'the tool failed', 1),
    say('turn-ended', 'completed', 2),
  ],
  isCut: false,
}

function open(desk = new FakeDesk(sampleFleet())): { board: Board; desk: FakeDesk } {
  desk.sayIn('app.api', work)
  return { desk, board: new Board(desk) }
}

test.each([narrow, { columns: 80, rows: 24 }, wide, { columns: 59, rows: 15 }, { columns: 200, rows: 14 }])('the board at %j', (size) => {
  const { board, desk } = open()
  expect(picture(board, size)).toMatchSnapshot()
  board.end()
  expect([desk.listeners, desk.followed.size]).toEqual([0, 0])
})

test('the cursor moves by keys, and only the selected session is read', () => {
  const { board, desk } = open()
  const seen = (key: string): string | undefined => {
    board.press(key)
    expect([...desk.followed]).toEqual([board.selected?.handle])
    return board.selected?.task
  }
  expect(['j', 'j', 'down', 'k', 'up', 'G', 'g', '6', '9', 'home', 'end'].map(seen)).toEqual([
    'pay',
    'pay.backend',
    'pay.frontend',
    'pay.backend',
    'pay',
    'mail',
    'api',
    'docs',
    'docs',
    'api',
    'mail',
  ])
  expect(['k', 'j', 'j'].map(seen)).toEqual(['search', 'mail', 'mail'])
})

test('the same task stays selected when the order changes; one that goes gives its place to the next', () => {
  const { board, desk } = open()
  press(board, '5')
  expect(board.selected?.task).toBe('web')
  const { tasks, inbox } = sampleFleet()
  desk.changeFleet({ tasks: tasks.map((task) => (task.task === 'web' ? { ...task, status: 'Needs you' } : task)), inbox })
  expect(board.selected?.task).toBe('web')
  expect(picture(board)).toContain('▸2 ! web')
  desk.changeFleet({ tasks: tasks.filter((task) => task.task !== 'web'), inbox })
  expect(board.selected?.task).toBe('pay')
  desk.changeFleet({ tasks: [], inbox: [] })
  expect([board.selected, desk.followed.size]).toEqual([undefined, 0])
  expect(picture(board)).toContain('No sessions here.')
  press(board, 'enter', 'j', 'G', 'tab', 'p', '3')
  desk.changeFleet(sampleFleet())
  expect(board.selected?.task).toBe('api')
})

test('Tab goes round all that waits for the person', () => {
  const fleet = sampleFleet()
  const { board } = open(new FakeDesk({ ...fleet, inbox: ['api', 'mail', 'pay.backend'].map((task) => inboxItem(task)) }))
  const seen = (key: string): string | undefined => {
    board.press(key)
    return board.selected?.task
  }
  expect(['tab', 'tab', 'tab', 'back-tab'].map(seen)).toEqual(['pay.backend', 'mail', 'api', 'mail'])
  press(board, '2')
  expect(board.waiting.map(({ who }) => who)).toEqual(['app.pay.backend'])
  const { board: calm } = open(new FakeDesk({ ...fleet, inbox: [] }))
  calm.press('tab')
  expect(picture(calm)).toContain('Nothing needs you.')
})

test('the filter is typed and at once in force; a part that is found shows its feature', () => {
  const { board, desk } = open()
  press(board, '/', ...'BACK')
  expect(picture(board, narrow)).toMatchSnapshot()
  press(board, 'enter', 'j')
  expect(board.selected?.task).toBe('pay.backend')
  expect(picture(board)).toContain('only "BACK"')
  press(board, '/', ...'xyz', 'enter')
  expect(picture(board)).toContain('No task is like this.')
  press(board, 'escape')
  expect(picture(board)).not.toContain('only')
  press(board, '/')
  board.paste('mail\nx')
  press(board, 'escape', 'A')
  expect(picture(board)).toMatch(/Merged 1\n? *.*\n.*✓ old/)
  board.paste('qqq\nm')
  expect(picture(board)).toContain('Nothing here takes a paste')
  expect(desk.asked).toEqual([])
  board.select('app.old')
  press(board, 'A')
  board.select('app.old')
  expect(board.selected?.task).toBe('old')
})

test('Enter opens what a session says and does, on all of the screen, and keys scroll it', () => {
  const { board, desk } = open()
  const lines = Array.from({ length: 100 }, (_, at) => say('text', `line ${at + 1}`))
  desk.sayIn('app.api', { lines, isCut: true })
  press(board, 'enter')
  expect(picture(board, narrow)).toMatchSnapshot()
  press(board, 'page-up', 'k')
  expect(picture(board, narrow)).not.toContain('line 100')
  const before = picture(board, narrow)
  desk.sayIn('app.api', { lines: [...lines, say('text', 'a new one')], isCut: true })
  expect(picture(board, narrow)).toBe(before)
  press(board, 'g')
  expect(picture(board, narrow)).toContain('line 1\n')
  press(board, 'G')
  expect(picture(board, narrow)).toContain('a new one')
  press(board, 'escape')
  expect(picture(board, narrow)).toContain('▸1 ! api')
})

test('what waits is shown short beside the list, in full when opened, and leaves room for what is said', () => {
  const text = Array.from({ length: 40 }, (_, at) => `why ${at + 1}`).join('\n')
  const { board } = open(new FakeDesk({ ...sampleFleet(), inbox: [inboxItem('api', { text }), inboxItem('api', { id: 'm2' })] }))
  expect(picture(board)).toContain('why 6')
  expect(picture(board)).not.toContain('why 7')
  expect(picture(board)).toContain('… Enter shows more')
  press(board, 'enter')
  const opened = picture(board)
  expect([opened.includes('why 16'), opened.includes('… Space shows all'), opened.includes('completed · 10:02')]).toEqual([
    true,
    true,
    true,
  ])
})

test('a feature shows how its parts stand, a contest its attempts', () => {
  const part = { branch: 'dept/backend/pay', phase: 'departments', reason: '12 tests passed' } as const
  const attempt = { branch: 'feature/x.1', reason: 'validated' } as const
  const tasks = [
    taskStatus('pay', {
      kind: 'feature',
      feature: { phase: 'departments', parts: [{ ...part, department: 'backend', handle: 'app.pay.backend', standing: 'ready' }] },
    }),
    taskStatus('x', {
      contest: {
        attempts: [
          { ...attempt, number: 1, handle: 'app.x.1', standing: 'stuck' },
          { ...attempt, number: 2, handle: 'app.x.2', standing: 'ready', score: 0.8249 },
        ],
        proposed: 2,
      },
    }),
  ]
  const { board } = open(new FakeDesk({ tasks, inbox: [] }))
  expect(picture(board)).toMatch(/Its parts:\n.*backend +ready +12 tests passed/)
  press(board, 'j')
  expect(picture(board)).toMatch(/Its attempts:\n.* 1 +stuck +validated\n.* 2 +ready +proposed · score 0\.82 · validated/)
})

test('a record of megabytes is drawn as fast as a short one', () => {
  const { board, desk } = open()
  const lines = Array.from({ length: 500 }, (_, at) => say('text', `${at} ${'words and words '.repeat(625)}`))
  desk.sayIn('app.api', { lines, isCut: true })
  const startedAt = performance.now()
  for (let count = 0; count < 100; count += 1) {
    desk.sayIn('app.api', { lines: [...lines.slice(1), say('text', `${count} new`)], isCut: true })
    expect(picture(board)).toContain(`${count} new`)
  }
  expect(performance.now() - startedAt).toBeLessThan(5000)
})

test('a task that the person turns to is looked at, one that they move past is not', () => {
  const { board, desk } = open()
  picture(board)
  press(board, 'j', 'k', 'G', 'p', '/', 'a', '1', 'escape')
  expect(desk.looked).toEqual([])
  press(board, 'tab', '5', 'enter', 'escape', ' ', 'escape')
  board.press('click', { column: 5, row: 3 })
  expect(desk.looked).toEqual(['app.api', 'app.web', 'app.web', 'app.web', 'app.api'])
})

test('p shows the preview where there was none, and takes it away', () => {
  const { board } = open()
  picture(board, narrow)
  press(board, 'p')
  expect(picture(board, narrow)).toContain('Which database?')
  press(board, 'p')
  expect(picture(board, narrow)).not.toContain('Which database?')
  const { board: other } = open()
  picture(other)
  press(other, 'p')
  expect(picture(other)).toMatchSnapshot()
})

test('the wheel scrolls what it points at, and a click selects', () => {
  const { board, desk } = open()
  desk.sayIn('app.api', { lines: Array.from({ length: 100 }, (_, at) => say('text', `line ${at + 1}`)), isCut: false })
  picture(board)
  board.press('wheel-up', { column: 100, row: 12 })
  expect([picture(board).includes('line 100'), board.selected?.task]).toEqual([false, 'api'])
  board.press('wheel-down', { column: 5, row: 12 })
  expect(board.selected?.task).toBe('pay')
  picture(board)
  board.press('click', { column: 5, row: 3 })
  expect(board.selected?.task).toBe('api')
  board.press('click', { column: 5, row: 2 })
  board.press('click', { column: 100, row: 9 })
  expect(board.selected?.task).toBe('api')
})

test('of more tasks than fit the selected one is seen, from its group on', () => {
  const tasks = Array.from({ length: 200 }, (_, at) => taskStatus(`t${String(at).padStart(3, '0')}`, at < 3 ? { status: 'Needs you' } : {}))
  const { board } = open(new FakeDesk({ tasks, inbox: [] }))
  for (const key of ['j', 'j', 'j', 'page-down', 'page-down', 'G', 'page-up', 'k', 'g']) {
    press(board, key)
    const shown = picture(board, narrow)
    expect(shown).toContain(`● ${board.selected?.task}`.replace('●', board.selected?.status === 'Working' ? '●' : '!'))
    expect(shown).toContain('· feature/t')
  }
  expect(picture(board, narrow)).toContain('Needs you 3')
})

test('sessions that are none of orch stand apart below all tasks, where no key selects them', () => {
  const foreign = ['mine, interactive, idle: /home/me', 'evil\u001b[2J: /\u202etmp']
  const { board, desk } = open(new FakeDesk({ ...sampleFleet(), foreign }))
  press(board, 'G', 'j')
  const last = board.selected?.handle
  const shown = picture(board)
  expect(shown).toMatch(/Not orch's 2/)
  expect(shown).toContain('mine, interactive, idle: /home/me')
  for (const sign of ['\u001b', '\u202e']) expect(shown).not.toContain(sign)
  press(board, 'j')
  expect(board.selected?.handle).toBe(last)
  expect(picture(board, narrow)).toContain('mine, interactive')
  press(board, '/', 'x')
  expect(picture(board)).not.toContain("Not orch's")
  press(board, 'escape')
  desk.changeFleet({ tasks: [], inbox: [], foreign })
  expect(picture(board)).toMatch(/No sessions here\.[^]*Not orch's 2/)
})

test('what agents write steers nothing and keeps the layout', () => {
  const hostile = 'a\u001b[31mred\u001b]0;title\u0007\u202eevil\u200b שלום עולם 漢字カタカナ 👩‍👩‍👧 é\r\n\u009b2J'
  const tasks = [
    taskStatus('api', { status: 'Needs you', reason: hostile, title: hostile, branch: hostile, model: hostile, uncommitted: 1 }),
    taskStatus('漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字', { reason: '漢字'.repeat(40) }),
  ]
  const { board, desk } = open(new FakeDesk({ tasks, inbox: [inboxItem('api', { text: hostile.repeat(3), options: [hostile] })] }))
  desk.changeFleet({ tasks, inbox: [inboxItem('api', { text: hostile.repeat(3), options: [hostile] })], outage: hostile })
  desk.sayIn('app.api', { lines: [say('text', hostile.repeat(5)), say('tool-started', hostile), say(hostile, hostile)], isCut: false })
  for (const size of [narrow, { columns: 83, rows: 30 }, { columns: 111, rows: 31 }, wide])
    for (const key of ['p', 'j', 'k', 'enter', 'escape']) {
      const text = picture(board, size)
      // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
      press(board, key)
    }
  picture(board)
  press(board, 'p')
  // Beside wide characters the preview begins where it should, whatever the terminal makes of them.
  expect(board.draw(wide).every((line, at) => at < 2 || at > 27 || line.some(({ column }) => column === 63))).toBe(true)
})

test('an outage is said, and goes away', () => {
  const { board, desk } = open()
  desk.changeFleet({ ...sampleFleet(), outage: 'the daemon ended; starting it again. Sessions go on.' })
  expect(picture(board, narrow)).toContain('✗ the daemon ended')
  desk.changeFleet(sampleFleet())
  expect(picture(board, narrow)).not.toContain('daemon')
})

test('a change is told while the board lives, q and Ctrl-C end it', async () => {
  const { board, desk } = open()
  let told = 0
  board.onChange(() => (told += 1))
  desk.changeFleet(sampleFleet())
  desk.sayIn('app.api', work)
  desk.sayIn('app.web', work)
  expect(told).toBe(2)
  press(board, 'q')
  await board.ended
  expect(board.isInterrupted).toBe(false)
  desk.changeFleet(sampleFleet())
  const { board: other } = open()
  press(other, ':', 'ctrl-c')
  await other.ended
  expect(other.isInterrupted).toBe(true)
})

test('every key of the help does something, and what does nothing says so', () => {
  const names = KEYS.flatMap(([, keys]) => keys.flatMap(([written]) => written.split(' ')))
  const keys = names.flatMap((name) => NAMED[name] ?? (/^.-.$/.test(name) ? [name.slice(0, 1), name.slice(2)] : [name]))
  for (const key of keys.filter((key) => key !== 'a' && key !== '!')) {
    const { board } = open()
    picture(board)
    press(board, key)
    expect(picture(board), key).not.toContain('does nothing here')
    board.end()
  }
  const { board } = open()
  press(board, 'z')
  expect(picture(board)).toContain('z does nothing here; ? shows the keys')
  for (const footers of Object.values(FOOTERS)) expect(footers.at(-1)?.length).toBeLessThanOrEqual(narrow.columns)
})

const NAMED: Readonly<Record<string, readonly string[]>> = {
  PgDn: ['page-down'],
  PgUp: ['page-up'],
  Tab: ['tab'],
  Enter: ['enter'],
  Space: [' '],
  'Ctrl-D': ['ctrl-d'],
  'Ctrl-U': ['ctrl-u'],
}
