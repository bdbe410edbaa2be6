import { expect, test } from 'vitest'
import { resolveParties } from '../../domain/board/party.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import { circleOf } from './circle.ts'

const departments = [{ name: 'backend' }, { name: 'frontend' }]
const inputs = [
  { handle: 'app.login' },
  { handle: 'app.pay', feature: { departments } },
  { handle: 'app.pay.backend', part: { feature: 'app.pay', departments } },
  { handle: 'app.search', contest: {} },
  { handle: 'app.search.1', attemptOf: { task: 'app.search', run: 'r', number: 1 } },
  { handle: 'app.old' },
].map((facts) => ({ project: 'app', ...facts })) as unknown as TaskInput[]
const roster = {
  records: () => inputs.map((input) => ({ input })),
  stage: (handle: string) => (handle === 'app.old' ? { kind: 'merged' } : undefined),
} as unknown as Roster

test('who says something to all says it once to each session: a feature is heard by its parts, an attempt by its task', () => {
  const circle = circleOf(roster, inputs[0] as TaskInput)
  expect(resolveParties(['all'], circle)).toEqual({ kind: 'found', parties: ['app.pay.backend', 'app.search'] })
  expect(resolveParties(['pay', 'search'], circle)).toEqual({
    kind: 'found',
    parties: ['app.pay.backend', 'app.pay.frontend', 'app.search'],
  })
})
