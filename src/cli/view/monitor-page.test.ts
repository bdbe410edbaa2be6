import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { makeStyles } from '../styles.ts'
import { monitorPage } from './monitor-page.ts'
import { statusLine } from './status-line.ts'

const warnings = { idleMs: 7_200_000, worktreeAgeMs: 86_400_000 }
const styles = makeStyles(false)
const now = Date.parse('2026-01-02T10:05:00.000Z')
const tasks = [
  taskStatus('web', { status: 'Idle', since: '2026-01-02T07:00:00.000Z', createdAt: '2026-01-01T07:00:00.000Z', uncommitted: 2 }),
  taskStatus('api', {
    status: 'Needs you',
    requests: [{ id: 'r1', tool: 'Bash', summary: 'npm publish', at: '' }],
    lastCommit: { sha: 'a', subject: 'Add the 路由 \u001b[31mred', at: '2026-01-02T10:00:00.000Z' },
  }),
  taskStatus('docs', {
    status: 'Merged',
    messages: [{ at: '2026-01-02T10:00:00.000Z', kind: 'tell', text: 'done\u001b]0;owned\u0007\nsecond' }],
  }),
]

test('the most urgent stands first, with flags in words, needs, messages and one suggestion', () => {
  const page = monitorPage(tasks, { columns: 120, now, styles, warnings })
  expect(page).toMatchSnapshot()
  expect(page.indexOf('app-wt-api')).toBeLessThan(page.indexOf('app-wt-web'))
  expect(page).toContain('! idle over 2 h')
  expect(page).toContain('! worktree over 24 h old')
})

test('a narrow terminal has two lines for each session', () => {
  const [line, table] = monitorPage(tasks, { columns: 60, now, styles, warnings }).split('\n\n')
  expect(`${line}\n${table}`).toMatchSnapshot()
})

test('what was cleaned up is not shown, and its cost still counts', () => {
  const page = monitorPage([...tasks, taskStatus('gone', { status: 'Archived' })], { columns: 120, now, styles, warnings })
  expect(page).toMatch(/^app: 1 needs you .* · 1 merged · \$0\.40\n/)
  expect(page).not.toContain('gone')
})

test('a request is answered by the beginning of its id', () => {
  const asks = taskStatus('api', {
    status: 'Needs you',
    requests: [{ id: '5c9d9f49-ff4a-4594-9f91-18a2e5143b61', tool: 'Bash', summary: 'ls', at: '' }],
  })
  expect(monitorPage([asks], { columns: 80, now, styles, warnings })).toContain(
    '  app.api: may it run ls?\n    orch approve 5c9d9f49   or   orch deny 5c9d9f49 "why"\n',
  )
})

test('no escape of an agent reaches the terminal', () => {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  expect(monitorPage(tasks, { columns: 120, now, styles, warnings })).not.toMatch(/[\u001b\u0007]/)
})

test.each([40, 70, 84, 100, 140])('the table keeps within %i columns', (columns) => {
  const table = monitorPage(tasks, { columns, now, styles, warnings }).split('\n\n')[1] ?? ''
  for (const line of table.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(columns, 0))
})

test('the status line asks the first question', () => {
  expect(statusLine('app', tasks)).toBe('app: 1 needs you (api: may it run npm publish?) · 1 idle · 1 merged · $0.30')
})
