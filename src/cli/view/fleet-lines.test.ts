import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { makeStyles } from '../styles.ts'
import { fleetLines } from './fleet-lines.ts'

const now = Date.parse('2026-01-02T10:05:00.000Z')
const view = { columns: 60, rows: 24, now, styles: makeStyles(false) }
const tasks = [
  taskStatus('api', { since: '2026-01-02T10:04:53.000Z', reason: 'Bash: npm test -- a very long list of files that nobody can read' }),
  taskStatus('web', { since: '2026-01-02T09:45:00.000Z', reason: '路由'.repeat(40) }),
  taskStatus('docs', { status: 'Merged', since: '2026-01-01T00:00:00.000Z', reason: 'landed as 1edb61d04f' }),
]

test('ages end in one column, reasons begin in one, and no line is wider than the terminal', () => {
  const lines = fleetLines(tasks, view).split('\n')
  expect(lines.map((line) => line.slice(0, 26))).toEqual([
    'web   Working     20 min  ',
    'api   Working        7 s  ',
    'docs  Merged        34 h  ',
  ])
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(60)
})

test('what has no room is counted', () => {
  const many = Array.from({ length: 30 }, (_, at) => taskStatus(`t${at}`))
  expect(
    fleetLines(many, { ...view, rows: 10 })
      .split('\n')
      .at(-1),
  ).toBe('… and 25 more')
})
