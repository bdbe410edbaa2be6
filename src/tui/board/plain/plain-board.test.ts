import { expect, test } from 'vitest'
import { FakeDesk, inboxItem, sampleFleet } from '../../../../test/support/cli/fake-desk.ts'
import { PlainBoard } from './plain-board.ts'

function begin(desk = new FakeDesk(sampleFleet())): { board: PlainBoard; desk: FakeDesk; heard: () => readonly string[] } {
  let lines: string[] = []
  const board = new PlainBoard(desk, (line) => lines.push(line))
  board.begin()
  return { board, desk, heard: () => lines.splice(0) }
}

test('it begins with all that there is, in words', () => {
  const { heard, board, desk } = begin()
  expect(heard()).toMatchInlineSnapshot(`
    [
      "1 needs you, 2 working, 1 review, 1 idle, 1 failed, 1 merged; $2.42.",
      "1: app.api: needs you for 5 min: asks which database. branch feature/api, $0.10, begun again, conversation 2.",
      "2: app.pay: working for 5 min: 1 of 2 parts ready. branch feature/pay, $1.50.",
      "3: app.pay.backend: working for 5 min: waiting for the model. below app.pay, branch feature/pay.backend, $0.10, overlaps app.web.",
      "4: app.pay.frontend: review for 5 min: waiting for the model. below app.pay, branch feature/pay.frontend, $0.10.",
      "5: app.web: working for 5 min: Bash: npm test. branch feature/web, $0.42, 3 uncommitted.",
      "6: app.docs: review for 5 min: finished and verified. branch feature/docs, $0.10.",
      "7: app.search: idle for 5 min: its turn is over. branch feature/search, $0.10.",
      "8: app.mail: failed for 5 min: validation failed three times. branch feature/mail, $0.10.",
      "Type help for the commands; any command of orch works too.",
    ]
  `)
  board.close()
  expect([desk.listeners, desk.followed.size]).toEqual([0, 0])
})

test('a change is one line, what waits says what to type, and quiet is quiet', async () => {
  const { heard, board, desk } = begin()
  heard()
  const { tasks } = sampleFleet()
  const changed = tasks.map((task) => (task.task === 'web' ? { ...task, status: 'Review' as const, reason: 'finished' } : task))
  desk.changeFleet({ tasks: changed, inbox: [inboxItem('api')] })
  desk.changeFleet({ tasks: changed, inbox: [inboxItem('api')] })
  expect(heard()).toEqual(['app.web: review: finished'])
  const asked = inboxItem('docs', { id: 'm2', text: 'Which\ncolour? \u001b[31m', options: ['red', 'green'] })
  desk.changeFleet({ tasks: changed, inbox: [inboxItem('api'), asked], outage: 'the daemon ended' })
  expect(heard()).toEqual([
    'orch: the daemon ended',
    'app.docs waits for you: Which',
    'colour?',
    'choice 1: red',
    'choice 2: green',
    'type: orch answer m1 "…"',
  ])
  await board.enter('quiet')
  desk.changeFleet(sampleFleet())
  expect(heard()).toEqual([])
  await board.enter('loud')
  desk.changeFleet({ tasks: changed, inbox: [] })
  expect(heard()).toEqual(['app.web: review: finished'])
})

test('commands are words: a task by its name or its number, what waits first, what a session says', async () => {
  const { heard, board, desk } = begin()
  heard()
  const told = async (line: string): Promise<readonly string[]> => {
    expect(await board.enter(line)).toBe(undefined)
    return heard()
  }
  expect(await told('')).toEqual(['1 needs you, 2 working, 1 review, 1 idle, 1 failed, 1 merged; $2.42.'])
  expect(await told('next')).toEqual(['app.api waits for you: Which database?', 'type: orch answer m1 "…"'])
  const shown = await told('show api')
  expect(shown).toEqual([
    'app.api: needs you for 5 min: asks which database. branch feature/api, $0.10, begun again, conversation 2.',
    'about: Do api',
    'app.api waits for you: Which database?',
    'type: orch answer m1 "…"',
  ])
  expect(await told('1')).toEqual(shown)
  expect(await told('show app.api')).toEqual(shown)
  expect(await told('show nobody')).toEqual(['there is no task nobody; list names them all'])
  expect(await told('99')).toEqual(['there is no task 99; list names them all'])
  expect((await told('help')).length).toBeGreaterThan(5)
  const line = (text: string) => ({ at: '2026-01-02T10:00:00.000Z', kind: 'text', text })
  const first = Array.from({ length: 30 }, (_, at) => line(`${at}`))
  desk.sayIn('app.web', { lines: first, isCut: false })
  expect(await told('listen web')).toEqual(first.slice(-10).map(({ text }) => `says: ${text}`))
  desk.sayIn('app.web', { lines: [...first, line('new'), { ...line('Bash: npm test'), kind: 'tool-started' }], isCut: false })
  expect(heard()).toEqual(['says: new', 'tool started: Bash: npm test'])
  expect(await told('listen')).toEqual(['listening to nobody'])
  expect([...desk.followed]).toEqual([])
  expect(await board.enter('quit')).toBe('quit')
})

test('any other word is a command of orch, and what it says is heard', async () => {
  const { heard, board, desk } = begin()
  heard()
  desk.answers.set('answer', { isDone: true, lines: ['answered \u001b[31m', 'and told'] })
  desk.answers.set('merge', { isDone: false, lines: [] })
  for (const line of ['answer m1 "the small one"', 'orch merge web', 'attach api', 'send web "open']) await board.enter(line)
  expect(desk.asked).toEqual(['answer m1 the small one', 'merge web', 'over to attach api'])
  expect(heard()).toEqual(['answered', 'and told', 'failed', 'done', 'The quote " is not closed.'])
})
