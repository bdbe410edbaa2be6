import { expect, test } from 'vitest'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { until } from '../../../test/support/eventually.ts'
import { parseSha, type Sha } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import type { ChangedFile } from '../../ports/git-reading.ts'
import { textOf, widthOf } from '../text/line.ts'
import type { Desk, Material, ReviewItem } from './item.ts'
import { KEYS } from './key-table.ts'
import { Review } from './review.ts'

const head = parseSha('1'.repeat(40)) as Sha
const text = `diff --git a/src/cart.ts b/src/cart.ts
--- a/src/cart.ts
+++ b/src/cart.ts
@@ -1,4 +1,4 @@ import { sum } from './sum'
 export function total(items) {
-  return items.reduce((a, b) => a + b)
+  return items.reduce((a, b) => a + b, 0)
 }
 
@@ -20 +20,2 @@ export function add() {
 last
+added
diff --git a/docs/read me.md b/docs/read me.md
new file mode 100644
--- /dev/null
+++ b/docs/read me.md
@@ -0,0 +1,2 @@
+# Cart \u001b[31m
+It adds up.
`
const changed = (path: string, more: Partial<ChangedFile> = {}): ChangedFile => ({
  path,
  change: 'modified',
  added: 2,
  removed: 1,
  isBinary: false,
  ...more,
})
const material: Material = {
  head,
  patch: { text, files: [changed('src/cart.ts'), changed('docs/read me.md', { change: 'added', removed: 0 })], isCut: false },
  uncommitted: ['notes.txt'],
  notes: '# Notes\n\n## Decisions and why\n- the sum begins at 0 \u001b]0;x\u0007\n',
  overlaps: [{ other: 'app.web', files: ['src/cart.ts'] }],
}

function makeItem(task: string): ReviewItem {
  return {
    status: taskStatus(task, {
      title: 'Make the cart add up',
      status: 'Review',
      reason: 'finished and verified',
      costUsd: 0.42,
      checkpoint: { commit: head, isInferred: false, at: '2026-01-01T00:00:00.000Z', message: 'empty carts are 0' },
      verdict: { commit: head, isPassed: true, summary: '12 tests', at: '2026-01-01T00:00:00.000Z' },
    }),
    isSkipped: false,
  }
}

/** A desk that writes down what it is asked. */
async function open(desk: Partial<Desk> = {}) {
  const items = [makeItem('api'), makeItem('web')]
  const asked: unknown[] = []
  const done = (what: string) => async (item: ReviewItem, more: string) => {
    asked.push([what, item.status.task, more])
    return { lines: [`${item.status.handle}: ${what}`], isSettled: what !== 'skipped' }
  }
  const review = new Review(items, {
    load: async () => material,
    merge: done('landed'),
    sendBack: done('sent back'),
    discard: done('discarded'),
    skip: done('skipped'),
    explain: (error) => [`orch: ${String(error instanceof Error ? error.message : error)}`],
    ...desk,
  })
  const see = (columns = 100, rows = 29): string =>
    review
      .draw({ columns, rows })
      .map((line) => textOf(line).trimEnd())
      .join('\n')
  await until(() => see().includes('Files'), { what: 'the first item is loaded' })
  /** Words are typed letter by letter; `<enter>` is a key by its name. */
  const type = (typed: string) => {
    for (const [, name, character] of typed.matchAll(/<([a-z-]+)>|([^])/g)) review.press(name ?? character ?? '')
  }
  return { review, asked, see, type }
}

test.each([
  [100, 29],
  [160, 39],
])('the screens at %i × %i', async (columns, rows) => {
  const { type, see } = await open()
  expect(see(columns, rows)).toMatchSnapshot('what is known')
  type('<enter>')
  expect(see(columns, rows)).toMatchSnapshot('the diff')
  type('jjcwhy 0?<enter>Jcand here<enter>]<tab>')
  expect(see(columns, rows)).toMatchSnapshot('comments, and the list of files')
  type('?')
  expect(see(columns, rows)).toMatchSnapshot('help')
})

test('no row is wider than the terminal, no escape of any content reaches it', async () => {
  const { review, type } = await open()
  for (const key of ['', '<enter>', '<tab>', '<tab>', 's', 'ctext', '<escape>', '?', 'q', '<escape>', 'x']) {
    type(key)
    for (const [columns, rows] of [
      [40, 10],
      [80, 23],
      [200, 50],
    ] as const) {
      const lines = review.draw({ columns, rows })
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) {
        expect(widthOf(line), textOf(line)).toBeLessThanOrEqual(columns)
        // oxlint-disable-next-line no-control-regex -- those are what must not be there
        expect(textOf(line)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
      }
    }
  }
})

test('all comments go back as one message, with their lines', async () => {
  const { type, asked, see } = await open()
  type('<enter>jjcwhy now?<enter>jcbecause<enter>')
  expect(see()).toContain('● 2')
  type('bplease<enter>')
  await until(() => asked.length === 1, { what: 'it was sent' })
  expect(asked).toEqual([
    [
      'sent back',
      'api',
      [
        'Your work on feature/api at 1111111111 was reviewed and comes back: 2 comments. See to all of it, commit, and say `orch done` again.',
        'please',
        '1. src/cart.ts:2 (removed): why now?\n     export function total(items) {\n    -  return items.reduce((a, b) => a + b)\n    +  return items.reduce((a, b) => a + b, 0)\n     }\n     ',
        '2. src/cart.ts:2: because\n     export function total(items) {\n    -  return items.reduce((a, b) => a + b)\n    +  return items.reduce((a, b) => a + b, 0)\n     }\n     ',
      ].join('\n\n'),
    ],
  ])
  await until(() => see().includes('settled'), { what: 'it is settled' })
  type('m')
  expect(see()).toContain('That is settled')
})

test('a comment is changed by another one at the same line, and taken back by none', async () => {
  const { review, type, see } = await open()
  type('<enter>jjcfirst<enter>c<end> more<enter>')
  expect(review.sitting.comments).toMatchObject([{ line: 2, isGone: true, text: 'first more' }])
  expect(see()).toContain('● first more')
  type('c<ctrl-u><enter>')
  expect(review.sitting.comments).toEqual([])
})

test('what is pasted is text where text is asked for, and nothing elsewhere', async () => {
  const { review, type, asked, see } = await open()
  review.paste('m\ny')
  expect(see()).toContain('nothing here to paste into')
  type('b')
  review.paste('two\n  lines ')
  expect(see()).toContain('two lines▏')
  expect(asked).toEqual([])
})

test('without comments sending back asks for words, and discarding always does', async () => {
  const { type, asked, see } = await open()
  type('b<enter>')
  expect(see()).toContain('It needs a few words')
  type('more tests<enter>')
  await until(() => asked.length === 1, { what: 'it was sent' })
  type('n')
  await until(() => see().includes('app.web') && see().includes('Files'), { what: 'the second item is loaded' })
  type('x  <enter>')
  expect(see()).toContain('It needs a few words')
  type('not worth it<enter>')
  await until(() => asked.length === 2, { what: 'it was discarded' })
  expect(asked).toMatchObject([
    ['sent back', 'api', expect.stringContaining('more tests')],
    ['discarded', 'web', 'not worth it'],
  ])
})

test('merging asks once, names comments that would be lost, and merges the commit that was looked at', async () => {
  const { type, asked, see } = await open()
  type('<enter>jcx<enter>m')
  expect(see()).toContain('Merge app.api into main? (1 comment will not be sent) y / n')
  type('n')
  expect(asked).toEqual([])
  type('my')
  await until(() => asked.length === 1, { what: 'it was merged' })
  expect(asked).toEqual([['landed', 'api', head]])
  await until(() => see().includes('app.api: landed'), { what: 'the result is shown' })
})

test('a failure is shown, and the item can still be judged', async () => {
  const failing = async () => {
    throw new Failure('branch-moved', 'feature/api has moved')
  }
  const { type, see } = await open({ merge: failing })
  type('my')
  await until(() => see().includes('feature/api has moved'), { what: 'the failure is shown' })
  type('x')
  expect(see()).toContain('discard app.api, because:')
})

test('space goes on to the next, and says when there is none', async () => {
  const { review, type, asked, see } = await open()
  type(' ')
  await until(() => see().includes('app.web') && see().includes('Files'), { what: 'the second item is loaded' })
  type(' ')
  expect(see()).toContain('That was the last one')
  expect(asked).toEqual([
    ['skipped', 'api', head],
    ['skipped', 'web', head],
  ])
  type('1')
  expect(review.at).toBe(0)
})

test('quitting asks about comments that were not sent', async () => {
  const { review, type, see } = await open()
  let hasEnded = false
  void review.ended.then(() => (hasEnded = true))
  type('<enter>jcx<enter>q')
  expect(see()).toContain('Quit? 1 comment not sent. y / n')
  type('nqy')
  await until(() => hasEnded, { what: 'the review has ended' })
  expect(review.isInterrupted).toBe(false)
})

test('moving: lines, hunks, files, edges, search', async () => {
  const { review, type, see } = await open()
  const here = () => {
    const line = see()
      .split('\n')
      .find((row) => row.startsWith('›'))
    return line?.replace(/^›●? +/, '').replaceAll(/ +/g, ' ')
  }
  type('<enter>')
  expect(here()).toContain('@@ -1,4')
  type('J')
  expect(here()).toContain('@@ -20 +20,2 @@')
  type('J')
  expect(here()).toContain('@@ -0,0 +1,2 @@')
  type('K')
  expect(here()).toContain('@@ -20 +20,2 @@')
  type('G')
  expect(here()).toBe('21 + added')
  type('j')
  expect(here()).toContain('@@ -0,0 +1,2 @@')
  type('k')
  expect(here()).toBe('21 + added')
  type('g/ADDS<enter>')
  expect(here()).toBe('2 + It adds up.')
  type('/reduce<enter>')
  expect(here()).toBe('2 - return items.reduce((a, b) => a + b)')
  type('/<enter>')
  expect(here()).toBe('2 + return items.reduce((a, b) => a + b, 0)')
  type('/nowhere<enter>')
  expect(see()).toContain('nothing has "nowhere"')
  // The cursor stays on its line when the layout changes.
  type('s')
  expect(see()).toMatch(/^› +2 - {3}return items.reduce.*│ +2 \+ {3}return items/m)
  type('ll')
  expect(see()).toMatch(/^› +2 - educe/m)
  expect(review.sitting.pane?.hasWords).toBe(true)
  type('w')
  expect(review.sitting.pane?.hasWords).toBe(false)
})

test('every key of the help does something, and no other does', async () => {
  const named: Readonly<Record<string, string>> = {
    PgDn: 'page-down',
    PgUp: 'page-up',
    Tab: 'tab',
    Enter: 'enter',
    Esc: 'escape',
    Space: ' ',
  }
  for (const [key] of KEYS.flatMap(([, keys]) => keys)) {
    for (const each of key === '1-9' ? ['1', '2'] : key.split(' ')) {
      const { review, see } = await open()
      review.press('enter')
      review.press(named[each] ?? each)
      expect(see(), each).not.toContain('does nothing here')
    }
  }
  const { review, see } = await open()
  review.press('enter')
  review.press('z')
  expect(see()).toContain('z does nothing here')
})
