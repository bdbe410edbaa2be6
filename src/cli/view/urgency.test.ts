import { expect, test } from 'vitest'
import { taskStatus } from '../../../test/support/cli/task-status.ts'
import { byUrgency, costOf, countedOnce } from '../../protocol/urgency.ts'

const part = (department: string, more: object = {}) =>
  taskStatus(`pay.${department}`, { kind: 'part', partOf: { feature: 'app.pay', department }, ...more })
const facts = (department: string) => ({
  department,
  handle: `app.pay.${department}`,
  branch: '',
  phase: 'departments' as const,
  standing: 'working' as const,
  reason: '',
})
const feature = taskStatus('pay', {
  kind: 'feature',
  costUsd: 0.2,
  feature: { phase: 'departments', parts: [facts('web'), facts('api')] },
})

test('parts stand below their feature in the order in which they begin, and cost and count with it', () => {
  const all = [part('api'), taskStatus('login', { status: 'Needs you' }), part('web'), feature]
  expect(byUrgency(all).map(({ task }) => task)).toEqual(['login', 'pay', 'pay.web', 'pay.api'])
  expect(countedOnce(all).map(({ task }) => task)).toEqual(['login', 'pay'])
  expect(costOf(all)).toBeCloseTo(0.3)
})

test('a part that needs a person is counted by itself', () => {
  expect(countedOnce([feature, part('web', { status: 'Needs you' }), part('api')]).map(({ task }) => task)).toEqual(['pay', 'pay.web'])
})
