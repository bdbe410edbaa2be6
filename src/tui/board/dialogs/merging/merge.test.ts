import { expect, test } from 'vitest'
import { taskStatus } from '../../../../../test/support/cli/task-status.ts'
import { until } from '../../../../../test/support/eventually.ts'
import { FakeSurroundings, press, see } from '../../../../../test/support/tui/fake-surroundings.ts'
import type { MergeEntry } from '../../../../domain/merging/merge-entry.ts'
import { withResolvers } from '../../../../foundation/with-resolvers.ts'
import type { QueueResponse } from '../../../../protocol/queue.ts'
import { textOf, widthOf } from '../../../text/line.ts'
import type { Outlook, Said } from '../../desk.ts'
import { MergeDialog } from './merge.ts'

const head = '1'.repeat(40)
const at = '2026-01-02T10:00:00.000Z'
const task = taskStatus('api', {
  status: 'Review',
  uncommitted: 1,
  verdict: { commit: head, isPassed: true, summary: '12 tests', at },
  verdicts: [
    { by: 'security', commit: head, outcome: 'findings', must: 2, summary: 'a key in the log', at },
    { by: 'testing', commit: '2'.repeat(40), outcome: 'approve', must: 0, summary: 'fine', at },
  ],
})
const goes: MergeEntry = { handle: 'app.api', branch: 'feature/api', head, outcome: 'would-land' }
const queue: QueueResponse = {
  schema: 1,
  project: 'app',
  version: 7,
  isPaused: true,
  targets: [
    {
      target: 'main',
      entries: [{ name: 'app.web', branch: 'feature/web', head, priority: 0, isInBatch: true, steps: ['test'], since: at }],
      batch: { id: 'b', since: at, work: 'testing', step: 'test', members: ['app.web'], suspects: ['app.web'], leftMs: 40_000, runs: [] },
    },
  ],
  held: [],
}

function outlookOf(entries: readonly MergeEntry[]): Outlook {
  const overlaps = [{ branch: 'feature/api', other: 'feature/web', files: ['src/a.ts'] }]
  const merge = { id: '', isDone: true, entries, overlaps, notes: [], runs: [], suiteEquivalents: 0, isDryRun: true }
  return { merge, queue, checks: ['npm run lint', 'npm test'] }
}

async function open(...outlooks: readonly (readonly MergeEntry[])[]) {
  const left = [...outlooks]
  const version = withResolvers<QueueResponse>()
  const around = new FakeSurroundings([task], {
    outlook: async () => outlookOf(left.length > 1 ? (left.shift() ?? []) : (left[0] ?? [])),
    queue: (_task, other) => (other === undefined ? Promise.resolve(queue) : version.promise),
  })
  const dialog = new MergeDialog(task, around)
  await until(() => !see(dialog).includes('asking the queue'), { what: 'the queue has answered' })
  return { around, dialog }
}

test('what the queue says stands before the question', async () => {
  const { dialog, around } = await open([goes])
  expect(see(dialog, 100)).toMatchInlineSnapshot(`
    "── Merge app.api into main ─────────────────────────────────────────────────────────────────────────
    Goes       app.api (feature/api) at 1111111111
    Verified   passed at this commit 5 min ago: 12 tests
    Reviews    security: 2 objections: a key in the log
               testing: approves (of 2222222222, not this commit): fine
    Checks     npm run lint, then npm test
    Before it  1 entry: app.web; tests app.web (test), 0 runs so far, about 40 s left
    Queue      paused: orch queue resume lets it go on
    Conflicts  feature/api and feature/web both change src/a.ts
    Stays      1 uncommitted file: only commits go
    y merge · Esc"
  `)
  press(dialog, 'n<escape>')
  expect([dialog.isOver, around.asked]).toEqual([true, []])
})

test('it merges what was seen, follows the queue, and says how to take it back', async () => {
  const { dialog, around } = await open([goes])
  const answer = withResolvers<Said>()
  around.answers.push(answer.promise)
  press(dialog, 'y')
  await until(() => see(dialog).includes('Suspects   app.web'), { what: 'the queue is followed' })
  expect(see(dialog)).toContain('Batch      tests app.web (test), 0 runs so far, about 40 s left')
  press(dialog, 'y')
  answer.resolve({ isDone: true, lines: ['app.api: landed as 2222222222'] })
  await until(() => see(dialog).includes('landed as'), { what: 'it has landed' })
  expect(see(dialog)).toContain('To take it back: orch undo app.api')
  expect(around.asked).toEqual([['merge', '--', 'app.api']])
  press(dialog, '<enter>')
  expect(dialog.isOver).toBe(true)
})

test('what was not seen is not merged: a branch that moved is shown again first', async () => {
  const { dialog, around } = await open([goes], [{ ...goes, head: '3'.repeat(40) }])
  press(dialog, 'y')
  await until(() => see(dialog).includes('It moved while you looked'), { what: 'it says that it moved' })
  expect(see(dialog)).toContain('at 3333333333')
  expect(see(dialog)).toContain('another commit (1111111111), not this one')
  expect(around.asked).toEqual([])
  press(dialog, 'y')
  await until(() => around.asked.length === 1, { what: 'it merges what was seen now' })
})

test('what cannot go says why, and y does nothing; an outage is told in its three parts', async () => {
  const { dialog, around } = await open([
    {
      handle: 'app.api',
      branch: 'feature/api',
      outcome: 'refused',
      code: 'dirty',
      reason: 'it is being worked on',
      next: 'orch stop app.api',
    },
  ])
  expect(see(dialog)).toContain('app.api (feature/api): does not go: it is being worked on\n           Next: orch stop app.api')
  press(dialog, 'y')
  expect(see(dialog)).toMatch(/\nEsc$/)
  expect(around.asked).toEqual([])
  const without = new MergeDialog(task, new FakeSurroundings([task]))
  await until(() => see(without).includes('nobody answers'), { what: 'the failure is told' })
})

test('no row is wider than the terminal, none too many', async () => {
  const { dialog } = await open(Array.from({ length: 30 }, (_, index) => ({ ...goes, handle: `app.${'x'.repeat(80)}${index}` })))
  for (const size of [
    { columns: 60, rows: 9 },
    { columns: 160, rows: 44 },
  ]) {
    press(dialog, '<page-down>')
    const lines = dialog.draw(size)
    expect(lines.length).toBeLessThanOrEqual(size.rows)
    for (const line of lines) expect(widthOf(line), textOf(line)).toBeLessThanOrEqual(size.columns)
  }
})
