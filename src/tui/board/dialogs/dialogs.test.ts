import { expect, test } from 'vitest'
import { taskStatus } from '../../../../test/support/cli/task-status.ts'
import { until } from '../../../../test/support/eventually.ts'
import { FakeSurroundings, press, see } from '../../../../test/support/tui/fake-surroundings.ts'
import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { textOf, widthOf } from '../../text/line.ts'
import type { Said } from '../desk.ts'
import { DiffDialog } from './diff.ts'
import type { Dialog } from './dialog.ts'
import { Drafts } from './drafts.ts'
import { helpDialog } from './pages/help.ts'
import { NewDialog } from './new-session.ts'
import { PaletteDialog } from './palette/palette.ts'
import { resultsDialog } from './pages/results.ts'
import { StopDialog } from './stop.ts'

const task = taskStatus('api', { uncommitted: 3 })
const refused: Said = { isDone: false, lines: ['orch: there is a task "x"', 'Kept safe: all', 'Next: another name'] }
const untilOver = (dialog: Dialog) => until(() => dialog.isOver, { what: 'the dialog is over' })

test('stopping says what ends and what stays, and asks', async () => {
  const around = new FakeSurroundings([task])
  const dialog = new StopDialog(task, around)
  expect(see(dialog)).toMatchInlineSnapshot(`
    "── Stop app.api ────────────────────────────────────────────────────────────────
    Now        Working: waiting for the model
    Ends       its process, and the turn that it is at
    Stays      its conversation, the branch feature/api, the worktree with 3
               uncommitted files
    Go on      orch resume app.api
    Stop app.api? y / n
    y stop · n · Esc"
  `)
  press(dialog, 'n')
  expect([dialog.isOver, around.asked]).toEqual([true, []])
  const second = new StopDialog(task, around)
  around.answers.push(refused)
  press(second, 'y')
  await until(() => see(second).includes('Next: another name'), { what: 'it was refused' })
  press(second, 'y')
  await untilOver(second)
  expect(around.asked).toEqual([
    ['stop', '--', 'app.api'],
    ['stop', '--', 'app.api'],
  ])
})

test('a quick session is a prompt; what was typed outlives the dialog and a refusal', async () => {
  const around = new FakeSurroundings([task])
  const dialog = new NewDialog('quick', around, '/repos/app')
  press(dialog, '<enter>')
  expect(see(dialog)).toContain('It needs a prompt.')
  press(dialog, '--model')
  dialog.paste(' x\nand y')
  press(dialog, '<escape>')
  const second = new NewDialog('quick', around, '/repos/app')
  around.answers.push(refused)
  press(second, '<enter>')
  await until(() => see(second).includes('Kept safe: all'), { what: 'it was refused' })
  press(second, '<enter>')
  await untilOver(second)
  expect(around.asked.at(-1)).toEqual(['quick', '--', '--model x\nand y'])
  expect(around.kept).toEqual({})
})

test('a new session has a name, a prompt, and if need be a model and a base', async () => {
  const around = new FakeSurroundings([task])
  const dialog = new NewDialog('spawn', around, undefined)
  press(dialog, '<tab>do it<enter>')
  expect(see(dialog)).toContain('It needs a name.')
  press(dialog, 'login<enter> well<tab>opus<tab>dev<back-tab><back-tab><home>please <enter>')
  await untilOver(dialog)
  expect(around.asked).toEqual([['spawn', '--model=opus', '--base=dev', '--', 'login', 'please do it well']])
})

test('the palette parts words itself, completes them, and shows what was said', async () => {
  const asked: (readonly string[])[] = []
  const around = new FakeSurroundings([task], {
    complete: async (words) => {
      asked.push(words)
      return words.length > 1
        ? [['app.a b', 'Working']]
        : [
            ['merge', 'land it'],
            ['monitor', 'look'],
          ]
    },
  })
  const dialog = new PaletteDialog(around, '/repos/app')
  await until(() => see(dialog).includes('monitor'), { what: 'all commands are offered' })
  press(dialog, '<down><down>')
  expect(see(dialog)).toContain('› monitor')
  // Before they are there again: Tab waits for them.
  press(dialog, 'orch m<tab>')
  await until(() => see(dialog).includes('orch orch merge ▏'), { what: 'the first is taken' })
  await until(() => see(dialog).includes('app.a b'), { what: 'tasks are offered' })
  press(dialog, '<tab>"$(x)" unclosed\\" \'')
  press(dialog, '<enter>')
  expect(see(dialog)).toContain("The quote ' is not closed.")
  around.answers.push({ isDone: false, lines: ['orch: no such task \u001b[2J'] })
  press(dialog, '<backspace><enter>')
  await until(() => see(dialog).includes('no such task ␛[2J'), { what: 'what it said is shown' })
  expect(see(dialog)).toContain("orch merge 'app.a b' '$(x)' 'unclosed\"' · failed")
  expect(around.asked).toEqual([['merge', 'app.a b', '$(x)', 'unclosed"']])
  // Once for each word, the name that nobody needs to type left out.
  expect(asked.slice(0, 2)).toEqual([[''], ['merge', '']])
  press(dialog, '<escape>')
  expect(dialog.isOver).toBe(true)
})

test.each([
  ['review', true],
  ['review --list', false],
  ['logs api --follow', true],
  ['attach api', true],
  ['spawn x --prompt-file -', true],
  ['send - hello', false],
])('the palette runs `%s`, with the terminal handed over: %s', async (line, isHandedOver) => {
  const around = new FakeSurroundings([task])
  press(new PaletteDialog(around, undefined), `${line}<enter>`)
  await until(() => around.asked.length === 1, { what: 'it was run' })
  expect(around.asked).toEqual([[...(isHandedOver ? ['hand over'] : []), ...line.split(' ')]])
})

test('the board is not opened in the board, and a half command is kept', () => {
  const around = new FakeSurroundings([task])
  const dialog = new PaletteDialog(around, undefined)
  press(dialog, 'ui<enter>')
  expect(see(dialog)).toContain('You are in it.')
  press(dialog, ' x<escape>')
  expect(see(new PaletteDialog(around, undefined))).toContain('orch ui x▏')
})

test('what became of everything is kept, the newest first', async () => {
  const around = new FakeSurroundings([task])
  const page = resultsDialog(around)
  expect(see(page)).toContain('Nothing was asked for yet.')
  await around.errands.run('merge app.api', ['merge', '--', 'app.api'])
  around.answers.push(refused)
  await around.errands.run('spawn x', ['spawn', '--', 'x'])
  await around.errands.keep('attach app.api', Promise.reject(new Error('no terminal')))
  expect(see(page, 60, 12)).toMatchInlineSnapshot(`
    "── What became of what you asked for ───────────────────────
    ✗ attach app.api · 0 s ago
      no terminal

    ✗ spawn x · 0 s ago
      orch: there is a task "x"
      Kept safe: all
      Next: another name

    ✓ merge app.api · 0 s ago
      done
    1–10 of 11 · j k PgDn PgUp g G · Esc"
  `)
})

test('a page is scrolled by keys and the wheel, and not beyond its end', () => {
  const page = helpDialog()
  const first = see(page, 60, 10)
  press(page, 'jjk<page-down><wheel-down>G')
  expect(see(page, 60, 10)).toContain('quit')
  press(page, 'j<page-down>g')
  expect(see(page, 60, 10)).toBe(first)
  press(page, 'q')
  expect(page.isOver).toBe(true)
})

test('the diff of a branch, with what is not committed', async () => {
  const text = 'diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-const a = 1\n+const a = "\u001b[2J"\n'
  const files = [{ path: 'a.ts', change: 'modified', added: 1, removed: 1, isBinary: false } as const]
  const material = {
    head: parseSha('1'.repeat(40)) as Sha,
    patch: { text, files, isCut: false },
    uncommitted: ['x\u202e.txt'],
    notes: '',
    overlaps: [],
  }
  const around = new FakeSurroundings([task], { changes: async () => material })
  const dialog = new DiffDialog(task, around)
  await until(() => see(dialog).includes('const a = 1'), { what: 'the diff is there' })
  expect(see(dialog)).toContain('app.api: feature/api → main · 1 file, +1 −1')
  expect(see(dialog)).toContain('+ const a = "␛[2J"')
  expect(see(dialog)).toContain('not committed: x<U+202E>.txt')
  press(dialog, '/zzz<enter>')
  expect(see(dialog)).toContain('nothing has "zzz"')
  for (const size of [
    { columns: 60, rows: 14 },
    { columns: 200, rows: 50 },
  ])
    for (const line of dialog.draw(size)) expect(widthOf(line), textOf(line)).toBeLessThanOrEqual(size.columns)
  press(dialog, '<escape>')
  expect(dialog.isOver).toBe(true)
  const without = new DiffDialog(task, new FakeSurroundings([task]))
  await until(() => see(without).includes('nobody answers'), { what: 'the failure is told' })
})

test('drafts are stored at each change, and spaces are none', () => {
  const stored: Readonly<Record<string, string>>[] = []
  const drafts = new Drafts({ a: 'kept' }, (texts) => void stored.push(texts))
  drafts.keep('a', 'kept')
  drafts.keep('b', '  ')
  drafts.keep('b', 'x')
  drafts.keep('a', ' ')
  expect([drafts.of('a'), drafts.of('b'), stored]).toEqual(['', 'x', [{ a: 'kept', b: 'x' }, { b: 'x' }]])
})
