import { expect, test } from 'vitest'
import { FakeDesk, inboxItem, sampleFleet } from '../../../../test/support/cli/fake-desk.ts'
import { until } from '../../../../test/support/eventually.ts'
import { textOf } from '../../text/line.ts'
import { Board } from '../board.ts'
import { KEYS } from '../key-table.ts'

function open(fleet = sampleFleet()) {
  const desk = new FakeDesk(fleet)
  const board = new Board(desk)
  const see = () =>
    board
      .draw({ columns: 110, rows: 30 })
      .map((line) => textOf(line).trimEnd())
      .join('\n')
  const type = (keys: string) => {
    for (const key of keys) board.press(key)
  }
  return { desk, board, see, type }
}

test.each([
  [' ', '── app.api: asks you'],
  ['i', '── app.api: asks you'],
  ['d', '── app.api: feature/api → main'],
  ['m', '── Merge app.api into main'],
  ['x', '── Stop app.api'],
  ['n', '── Quick session in app'],
  ['N', '── New session in app'],
  [':', '── Command'],
  ['!', '── What became of what you asked for'],
  ['?', '── Keys'],
])('%s opens %s, and Escape closes it', (key, title) => {
  const { board, see, type } = open()
  type(key)
  expect(see()).toContain(title)
  board.press('escape')
  expect(see()).not.toContain(title)
  board.end()
})

test('every key that the help names does something', () => {
  const named = KEYS.flatMap(([, rows]) => rows.flatMap(([names]) => names.split(' ')))
  const pressed = named.flatMap((name) => (name === 'Space' ? [' '] : /^\S$/.test(name) ? [name] : []))
  expect(pressed.length).toBeGreaterThan(15)
  for (const key of pressed) {
    const { board, see, type } = open()
    type(key)
    expect(see(), key).not.toContain('does nothing here')
    board.end()
  }
})

test('without a task there is nothing to answer or merge, but one can be started', () => {
  const { board, see, type } = open({ tasks: [], inbox: [] })
  type('m')
  expect(see()).toContain('There is no task here')
  type('n')
  expect(see()).toContain('── Quick session')
  board.end()
})

test('a feature is answered through the part that asks', () => {
  const { tasks } = sampleFleet()
  const { board, see, type } = open({ tasks, inbox: [inboxItem('pay.backend')] })
  board.select('app.pay')
  type(' ')
  expect(see()).toContain('── app.pay.backend: asks you')
  board.end()
})

test('attaching hands the terminal over; what became of it is said, and kept', async () => {
  const { board, desk, see, type } = open()
  desk.answers.set('over to attach', { isDone: false, lines: ['orch: it is being merged'] })
  type('a')
  await until(() => see().includes('attach app.api: it is being merged (! shows all)'), { what: 'it is said' })
  expect(desk.asked).toEqual(['over to attach -- app.api'])
  type('!')
  expect(see()).toContain('orch: it is being merged')
  board.end()
})
