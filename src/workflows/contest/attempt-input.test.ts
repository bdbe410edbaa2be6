import { expect, test } from 'vitest'
import { parseHandle } from '../../foundation/brand.ts'
import type { TaskInput } from '../task-input.ts'
import { attemptInput } from './attempt-input.ts'

const settings = { model: 'sonnet', budgetUsd: 3, land: 'auto', retries: 2 }
const attempts = [1, 2, 3].map((number) => ({ number, branch: `feature/login-${number}`, worktree: `/wt-login-${number}` }))
const input = {
  handle: 'shop.login',
  project: 'shop',
  task: { id: 'login', title: 'Login', body: 'A page.', needs: ['users'], owns: [] },
  backlog: 'tasks.md',
  branch: 'feature/login',
  worktree: '/wt-login',
  request: 'r',
  settings,
  contest: { attempts, take: 'ask' },
  createdAt: 1,
} as unknown as TaskInput

test('an attempt is a task of its own that nobody waits for, with its share of the budget, and stops at Review', () => {
  const attempt = { number: 2, branch: 'feature/login-2', worktree: '/wt-login-2', model: 'opus', prompt: 'Use few lines.' }
  const made = attemptInput(input, 'shop.login#1', attempt, 'b')
  expect(made).toMatchObject({
    handle: 'shop.login.2',
    task: { id: 'login.2', title: 'Login', body: 'A page.\n\nUse few lines.', needs: [] },
    branch: 'feature/login-2',
    worktree: '/wt-login-2',
    base: 'b',
    settings: { model: 'opus', budgetUsd: 1, land: 'review' },
    attemptOf: { task: 'shop.login', run: 'shop.login#1', number: 2 },
  })
  for (const key of ['contest', 'backlog', 'request']) expect(Object.keys(made)).not.toContain(key)
  // A folder under this name is read again by the next daemon.
  expect(parseHandle(made.handle)).toEqual({ handle: 'shop.login.2', project: 'shop', task: 'login.2' })
})
