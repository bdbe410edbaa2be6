import { expect, test } from 'vitest'
import type { TaskId } from '../../foundation/brand.ts'
import { defaultConfig } from '../../config/options.ts'
import { contestSettings } from './contest-settings.ts'

const task = { id: 'a' as TaskId, title: 'a', body: '', needs: [], owns: [] }
const nameOf = (number: number) => ({ branch: `feature/a-${number}`, worktree: `/wt-a-${number}` })
const config = { ...defaultConfig(), attemptModels: ['opus', 'haiku'], attemptPrompts: ['Use few lines.'] }

test('what was typed counts before the task, the task before the configuration; one is no contest, and a session of your own is one', () => {
  const count = (more: object, wanted: object = {}) =>
    contestSettings({ ...config, ...more }, { task, kind: 'backlog', ...wanted }, nameOf)?.attempts.length
  expect(count({})).toBeUndefined()
  expect(count({ attempts: 2 })).toBe(2)
  expect(count({ attempts: 2 }, { task: { ...task, attempts: 3 } })).toBe(3)
  expect(count({ attempts: 2 }, { task: { ...task, attempts: 3 }, attempts: 1 })).toBeUndefined()
  expect(count({ attempts: 2 }, { kind: 'manual' })).toBeUndefined()
})

test('models and prompts come in turn; without any nothing is said of them', () => {
  expect(contestSettings(config, { task, kind: 'backlog', attempts: 3, accept: 0.8 }, nameOf)).toEqual({
    attempts: [
      { number: 1, branch: 'feature/a-1', worktree: '/wt-a-1', model: 'opus', prompt: 'Use few lines.' },
      { number: 2, branch: 'feature/a-2', worktree: '/wt-a-2', model: 'haiku', prompt: 'Use few lines.' },
      { number: 3, branch: 'feature/a-3', worktree: '/wt-a-3', model: 'opus', prompt: 'Use few lines.' },
    ],
    take: 'ask',
    accept: 0.8,
  })
  const own = { ...task, attemptModels: ['sonnet'] }
  expect(contestSettings(config, { task: own, kind: 'spawned', attempts: 2 }, nameOf)?.attempts.map(({ model }) => model)).toEqual([
    'sonnet',
    'sonnet',
  ])
  expect(contestSettings(defaultConfig(), { task, kind: 'spawned', attempts: 2 }, nameOf)?.attempts[0]).toEqual({ number: 1, ...nameOf(1) })
})
