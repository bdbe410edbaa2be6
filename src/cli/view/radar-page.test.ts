import { expect, test } from 'vitest'
import { ESC, expectHarmless } from '../../../test/support/fleet/hostile.ts'
import type { RadarReport } from '../../protocol/radar-report.ts'
import { makeStyles } from '../styles.ts'
import { radarPage } from './radar-page.ts'

const view = { now: 600_000, styles: makeStyles(false), columns: 80, hasHunks: false }
const task = (handle: string) => ({ party: { kind: 'task' as const, handle }, head: 'a', work: 'committed' as const })
const report: RadarReport = {
  schema: 1,
  at: 595_000,
  project: 'app',
  repository: '/repos/app',
  isOn: true,
  tasks: [
    { handle: 'app.api', isPartial: true },
    { handle: 'app.web', isPartial: false },
  ],
  overlaps: [
    {
      one: task('app.api'),
      other: { ...task('app.web'), work: 'uncommitted' },
      files: [
        { path: 'src/a.ts', kind: 'contents', hunks: [{ line: 3, one: 'mine', other: 'theirs' }] },
        { path: `b${ESC}[31m\n\u202e`, kind: 'modify/delete', hunks: [] },
      ],
      fileCount: 40,
      since: 0,
      seenAt: 595_000,
      survived: 2,
    },
  ],
}

test('who, where, since when, how sure, and what to do', () => {
  expect(radarPage([report], view)).toMatchInlineSnapshot(`
    "app: 1 overlap, 2 worktrees seen 5 s ago
      not all of app.api: too many or too large untracked files
    api ⇄ web  for 10 min · committed ⇄ uncommitted · outlived 2 commits
      src/a.ts
      b (modify/delete)
      … 38 more
    Next: orch send app.web "app.api changes src/a.ts too: keep your change there small, or leave it to them""
  `)
  expect(radarPage([report], { ...view, hasHunks: true })).toContain('    line 3\n    api:\n      mine\n    web:\n      theirs')
})

test('nothing of what agents wrote acts on the terminal', () => {
  const hunks = [{ line: 1, one: `${ESC}]0;owned\u0007`, other: '\u009b31m' }]
  const hostile = { ...report, overlaps: report.overlaps.map((one) => ({ ...one, files: one.files.map((file) => ({ ...file, hunks })) })) }
  expectHarmless(radarPage([report, hostile], { ...view, hasHunks: true }), 'orch radar')
})

test('a name that a shell would read is not in what a person may paste', () => {
  const named = report.overlaps.map((one) => ({ ...one, files: [{ path: '$(touch PWNED)', kind: 'contents', hunks: [] }] }))
  expect(radarPage([{ ...report, overlaps: named }], view).split('Next: ')[1]).not.toContain('PWNED')
})

test('nothing seen, nothing found, switched off', () => {
  expect(radarPage([], view)).toContain('seen nothing here yet')
  expect(radarPage([{ ...report, tasks: [], overlaps: [] }], view)).toBe('app: 0 overlaps, 0 worktrees seen 5 s ago')
  expect(radarPage([{ ...report, isOn: false }], view)).toContain('orch config set radar on')
})
