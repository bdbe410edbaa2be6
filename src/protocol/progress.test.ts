import { expect, test } from 'vitest'
import { taskStatus } from '../../test/support/cli/task-status.ts'
import { fleetEnd } from './progress.ts'

test('a fleet goes on while anything can move by itself', () => {
  expect(fleetEnd([taskStatus('a', { status: 'Failed' }), taskStatus('b')], 'settled')).toBeUndefined()
  expect(fleetEnd([taskStatus('a', { status: 'Review' })], 'settled')).toBeUndefined()
})

test('what waits behind a failure cannot move, however far behind', () => {
  const [a, b, c] = [
    taskStatus('a', { status: 'Failed' }),
    taskStatus('b', { status: 'Queued', needs: ['a'] }),
    taskStatus('c', { status: 'Queued', needs: ['b'] }),
  ]
  expect(fleetEnd([c, b, a], 'settled')).toEqual({ failed: [a], needsHuman: [c, b] })
})

test('landed, and left for review as asked, is the end', () => {
  expect(
    fleetEnd([taskStatus('a', { status: 'Merged' }), taskStatus('b', { status: 'Review', isWaitingForHuman: true })], 'settled'),
  ).toEqual({ failed: [], needsHuman: [] })
})

test('what builds on work that is left for review waits for the person who reviews', () => {
  const [a, b] = [taskStatus('a', { status: 'Review', isWaitingForHuman: true }), taskStatus('b', { status: 'Queued', needs: ['a'] })]
  expect(fleetEnd([a, b], 'settled')).toEqual({ failed: [], needsHuman: [b] })
})
