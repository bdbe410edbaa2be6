import { expect, test } from 'vitest'
import { inboxItem } from '../../../../../test/support/cli/fake-desk.ts'
import { taskStatus } from '../../../../../test/support/cli/task-status.ts'
import { until } from '../../../../../test/support/eventually.ts'
import { FakeSurroundings, press, see } from '../../../../../test/support/tui/fake-surroundings.ts'
import { withResolvers } from '../../../../foundation/with-resolvers.ts'
import type { InboxItem } from '../../../../domain/gates/inbox-item.ts'
import { textOf, widthOf } from '../../../text/line.ts'
import type { Said } from '../../desk.ts'
import { ReplyDialog } from './reply.ts'

const task = taskStatus('api')
const refused: Said = { isDone: false, lines: ['orch: no daemon answers', 'Kept safe: your words', 'Next: orch doctor'] }

function open(inbox: readonly InboxItem[] = [], of = task) {
  const around = new FakeSurroundings([of])
  around.show(inbox)
  return { around, dialog: new ReplyDialog(of, around) }
}

const asking = (kind: InboxItem['kind'], more: Partial<InboxItem> = {}) => inboxItem('api', { kind, ...more })
const untilOver = (dialog: ReplyDialog) => until(() => dialog.isOver, { what: 'the dialog is over' })

test('a word goes to the session as one argument, whatever it looks like', async () => {
  const { around, dialog } = open()
  press(dialog, '--all; $(x)<newline>second')
  expect(see(dialog)).toContain('To app.api')
  press(dialog, '<enter>')
  await untilOver(dialog)
  expect(around.asked).toEqual([['send', '--', 'app.api', '--all; $(x)\nsecond']])
  expect(around.kept).toEqual({})
})

test('a pasted line end does not send half, and nothing is sent of nothing', () => {
  const { around, dialog } = open()
  press(dialog, ' <enter>')
  expect(see(dialog)).toContain('It needs a few words')
  dialog.paste('first\nsecond\n')
  expect(see(dialog)).toContain(' first\nsecond\n')
  expect(around.asked).toEqual([])
})

test('what is typed is kept: over Escape, and over a word that could not be said', async () => {
  const { around, dialog } = open()
  press(dialog, 'half of a<escape>')
  expect(dialog.isOver).toBe(true)
  const second = new ReplyDialog(task, around)
  expect(see(second)).toContain('half of a▏')
  around.answers.push(refused)
  press(second, ' thought<enter>')
  await until(() => see(second).includes('Next: orch doctor'), { what: 'the refusal is shown' })
  expect(see(second)).toContain('orch: no daemon answers\nKept safe: your words\nNext: orch doctor')
  expect(see(second)).toContain('half of a thought▏')
  press(second, '<enter>')
  await untilOver(second)
  expect(around.asked.map(([, , , text]) => text)).toEqual(['half of a thought', 'half of a thought'])
  expect(around.kept).toEqual({})
})

test('a word that is under way when the dialog goes keeps its draft when it fails', async () => {
  const { around, dialog } = open()
  const answer = withResolvers<Said>()
  around.answers.push(answer.promise)
  press(dialog, 'slow<enter>x<escape>')
  expect(dialog.isOver).toBe(true)
  answer.resolve(refused)
  await until(() => around.errands.all[0]?.said !== undefined, { what: 'it has failed' })
  expect(around.drafts.of('app.api')).toBe('slow')
})

test('a permission is approved, or denied with a reason', async () => {
  const asks = asking('permission', { id: 'toolu_1', what: 'Bash: rm -rf build', text: 'rm -rf build\u001b[2J \u202ex' })
  const { around, dialog } = open([asks])
  expect(see(dialog)).toContain('Bash: rm -rf build')
  expect(see(dialog)).toContain('rm -rf build␛[2J <U+202E>x')
  press(dialog, 'zn')
  press(dialog, '<escape>y')
  await untilOver(dialog)
  const second = open([asks])
  press(second.dialog, 'n<enter>')
  await untilOver(second.dialog)
  const third = open([asks])
  press(third.dialog, 'nm12<enter>')
  await untilOver(third.dialog)
  const fourth = open([asks])
  press(fourth.dialog, 'nnot that folder<enter>')
  await untilOver(fourth.dialog)
  expect([...around.asked, ...second.around.asked, ...third.around.asked, ...fourth.around.asked]).toEqual([
    ['approve', '--', 'toolu_1'],
    ['deny', '--', 'toolu_1'],
    ['deny', '--', 'toolu_1', ' m12'],
    ['deny', '--', 'toolu_1', 'not that folder'],
  ])
})

test('a paste decides nothing', () => {
  const { around, dialog } = open([asking('permission')])
  dialog.paste('y')
  expect(around.asked).toEqual([])
})

test('several things that wait come one after the other; what is answered comes not again', async () => {
  const items = [asking('gate', { id: 'm1', text: 'Add a dependency?' }), asking('question', { id: 'm2', text: 'Which one?' })]
  const { around, dialog } = open([...items, asking('question', { id: 'm3', who: 'app.other' })])
  expect(see(dialog)).toContain('a gate is yours to decide · 1 more')
  press(dialog, 'y')
  await until(() => see(dialog).includes('Answered. It asks one thing more.'), { what: 'the answer was taken' })
  // A key that was meant for the first decides nothing about the next.
  press(dialog, 'y')
  expect(see(dialog)).toContain('Which one?')
  expect(around.asked).toHaveLength(1)
  press(dialog, 'the first<enter>')
  await untilOver(dialog)
  expect(around.asked).toEqual([
    ['approve', '--', 'm1'],
    ['answer', '--', 'm2', 'the first'],
  ])
})

test('nothing takes the place of what is being answered: that it was answered elsewhere is said', () => {
  const { around, dialog } = open([asking('permission', { id: 'a', text: 'first' })])
  around.show([asking('permission', { id: 'b', text: 'second' })])
  press(dialog, 'y')
  expect(around.asked).toEqual([])
  expect(see(dialog)).toContain('second')
  around.show([])
  expect(see(dialog)).toContain('answered meanwhile')
  press(dialog, 'y')
  expect(dialog.isOver).toBe(true)
  expect(around.asked).toEqual([])
})

test('Tab writes to the session instead of answering, each with its own draft', () => {
  const { around, dialog } = open([asking('question', { text: 'Which one?' })])
  press(dialog, 'the first<tab>wait<tab>')
  expect(see(dialog)).toContain('Which one?')
  expect(see(dialog)).toContain('the first▏')
  press(dialog, '<tab>')
  expect(see(dialog)).toContain('wait▏')
  expect(around.asked).toEqual([])
})

test('questions of a session are chosen by number, marked, or answered in words', async () => {
  const questions = [
    { text: 'Colour?', options: [{ label: 'red', description: 'like fire' }, { label: 'green' }], isMultiple: false },
    { text: 'Sizes?', options: ['s', 'm, l', '3'].map((label) => ({ label })), isMultiple: true },
    { text: 'Number?', options: [{ label: '7' }, { label: '1' }], isMultiple: false },
    { text: 'Name?', options: [], isMultiple: false },
  ]
  const needy = taskStatus('api', { requests: [{ id: 'toolu_q', tool: 'AskUserQuestion', summary: 'Colour?', at: '', questions }] })
  const { around, dialog } = open([asking('choice', { id: 'toolu_q', text: 'Colour?', options: ['red', 'green'] })], needy)
  expect(see(dialog)).toContain('Question 1 of 4\nColour?\n  1 red – like fire\n  2 green\n')
  press(dialog, '<enter>9')
  expect(see(dialog)).toContain('Question 1 of 4')
  press(dialog, '2')
  expect(see(dialog)).toContain('› 2 green')
  press(dialog, '<enter><down> <down><down> ')
  expect(see(dialog)).toContain('[x] s')
  expect(see(dialog)).toContain('› 3 [x] 3')
  press(dialog, '<enter>2<enter>Ada<newline>L<enter>')
  await untilOver(dialog)
  expect(around.asked).toEqual([['answer', '--', 'toolu_q', 'green', '1,3', '2', 'Ada\nL']])
})

test('Escape goes back to the question before; options on the board are answered by number', async () => {
  const item = asking('escalation', { id: 'm4', text: 'How many?', options: ['3', '1', 'none'] })
  const { around, dialog } = open([item])
  press(dialog, '1<enter>')
  await untilOver(dialog)
  expect(around.asked).toEqual([['answer', '--', 'm4', '1']])
})

test('no row is wider than the terminal, none too many, whatever is asked', () => {
  const text = Array.from({ length: 60 }, (_, at) => `line ${at} ${'漢字'.repeat(30)}\u001b[31m`).join('\n')
  for (const kind of ['permission', 'question', 'choice'] as const) {
    const { dialog } = open([asking(kind, { text, options: Array.from({ length: 30 }, (_, at) => `${at} ${'x'.repeat(99)}`) })])
    for (const keys of ['', 'n', 'typed', '<page-down>', '<page-down><page-down>']) {
      press(dialog, keys)
      for (const [columns, rows] of [
        [60, 9],
        [160, 40],
      ] as const) {
        const lines = dialog.draw({ columns, rows })
        expect(lines.length).toBeLessThanOrEqual(rows)
        for (const line of lines) expect(widthOf(line), textOf(line)).toBeLessThanOrEqual(columns)
      }
    }
  }
})
