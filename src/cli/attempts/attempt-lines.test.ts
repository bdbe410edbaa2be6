import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { ContestFacts } from '../../domain/attempts/contest-facts.ts'
import { byUrgency } from '../../protocol/urgency.ts'
import { statusLine } from '../view/status-line.ts'
import { attemptLines, attemptRows } from './attempt-lines.ts'
import { contestReport, reportLines } from './contest-report.ts'

const contest: ContestFacts = {
  proposed: 2,
  attempts: [
    {
      number: 1,
      handle: 'app.login.1',
      branch: 'feature/login-1',
      model: 'opus',
      standing: 'ready',
      reason: 'npm test passed',
      score: 0.81,
      lines: 240,
      files: 9,
      costUsd: 0.4,
      elapsedMs: 500_000,
    },
    {
      number: 2,
      handle: 'app.login.2',
      branch: 'feature/login-2',
      standing: 'ready',
      reason: 'npm test passed',
      score: 0.99,
      lines: 31,
      files: 2,
      costUsd: 0.5,
      elapsedMs: 300_000,
    },
    { number: 3, handle: 'app.login.3', branch: 'feature/login-3', standing: 'stuck', reason: 'asks\u001b[31m which colour' },
  ],
}
const attempt = (number: number, more = {}) =>
  taskStatus(`login.${number}`, { attemptOf: { task: 'app.login', number }, costUsd: 0.5, ...more })
const task = taskStatus('login', { status: 'Review', reason: 'attempt 2 of 3 is best (0.99)', costUsd: 1.5, contest })
const all = [attempt(2), attempt(1, { status: 'Review' }), attempt(3), task]

test('attempts stand side by side, the proposed one marked, and what to type follows', () => {
  expect(attemptLines(task, attemptRows(task, all), { columns: 100 }).join('\n')).toMatchInlineSnapshot(`
    "app.login: Review: attempt 2 of 3 is best (0.99)
       #  status      score  lines  files  cost   time   model  why
       1  finished    0.81   240    9      $0.50  8 min  opus   npm test passed
    →  2  finished    0.99   31     2      $0.50  5 min  –      npm test passed
       3  unfinished  –      –      –      $0.50  –      –      asks which colour
    Next: orch merge app.login   or   orch attempts app.login --take N"
  `)
})

test('attempts stand below their task, and count once', () => {
  const other = taskStatus('other', { status: 'Needs you', costUsd: 0 })
  expect(byUrgency([...all, other]).map(({ handle }) => handle)).toEqual([
    'app.other',
    'app.login',
    'app.login.1',
    'app.login.2',
    'app.login.3',
  ])
  expect(statusLine('app', all)).toBe('app: 1 review · $1.50')
  const request = { id: 'r', tool: 'Bash', summary: 'npm publish', at: '2026-01-02T10:00:00.000Z' }
  expect(statusLine('app', [task, attempt(1, { status: 'Needs you', requests: [request] })])).toBe(
    'app: 1 needs you (login.1: may it run npm publish?) · 1 review · $1.50',
  )
})

test('the report says of each what was kept and why, also of those of which only the file is left', () => {
  const home = temporaryFolder()
  const folder = join(home, 'projects', 'app', 'contests')
  mkdirSync(folder, { recursive: true })
  const old = { handle: 'app.old', title: 'Old', createdAt: '2026-01-01T00:00:00.000Z', costUsd: 0.5 }
  const attempts = [
    { number: 1, handle: 'app.old.1', branch: 'b', standing: 'ready', reason: 'taken: landed as 1edb61d04f', score: 1 },
    { number: 2, handle: 'app.old.2', branch: 'c', standing: 'stuck', reason: 'not kept: attempt 1 was taken' },
  ]
  writeFileSync(join(folder, 'old-1.json'), JSON.stringify({ ...old, contest: { taken: 1, attempts } }))
  writeFileSync(join(folder, 'torn.json'), '{"handle"')
  expect(reportLines(contestReport(home, all)).join('\n')).toMatchInlineSnapshot(`
    "2 tasks tried side by side: 1 taken, 1 proposed · $2.00
    app.old: taken
      1  1.00  taken: landed as 1edb61d04f
      2     –  not kept: attempt 1 was taken
    app.login: proposed
      1  0.81  npm test passed
      2  0.99  npm test passed
      3     –  asks which colour
      Next: orch merge app.login"
  `)
  expect(reportLines({ tasks: [] })).toEqual(['no task was tried by several sessions yet: orch run --attempts 2'])
})
