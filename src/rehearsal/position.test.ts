import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brokenOff, findPosition, toSummaryMark, toToolId } from './position.ts'
import { planSession, type SessionPlan } from './reply-plan.ts'
import type { ApiMessage } from './api/request-check.ts'

const plan: SessionPlan = planSession(
  {
    match: { task: 'api' },
    steps: [{ bash: 'one' }, { bash: 'two' }, { end: 'finished' }, { bash: 'three' }],
    turns: [{ when: 'nudge', steps: [{ bash: 'nudged' }, { end: 'ok' }] }],
  },
  0,
)

const user = (text: string): ApiMessage => ({ role: 'user', content: [{ type: 'text', text }] })
const says = (text: string): ApiMessage => ({ role: 'assistant', content: [{ type: 'text', text }] })
const calls = (turn: number, step: number): ApiMessage => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id: toToolId({ turn, step }, 'x') }],
})
const result: ApiMessage = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x' }] }
const begin = user('[orch task api] go')

test('every answer counts one', () => {
  expect(findPosition(plan, [begin])).toEqual({ turn: 0, step: 0 })
  expect(findPosition(plan, [begin, calls(0, 0), result, calls(0, 1), result])).toEqual({ turn: 0, step: 2 })
  expect(findPosition(plan, [begin, calls(0, 0), result, calls(0, 1), result, says('finished'), user('go on')])).toEqual({
    turn: 0,
    step: 3,
  })
})

test('a dropped call is asked for again, an invented answer does not count', () => {
  expect(findPosition(plan, [begin, calls(0, 0), result, user('you were interrupted')])).toEqual({ turn: 0, step: 1 })
  expect(findPosition(plan, [begin, calls(0, 0), result, says('No response requested.'), user('go on')])).toEqual({ turn: 0, step: 1 })
  expect(findPosition(plan, [begin, calls(0, 0), result, says(`${brokenOff}.`), user('go on')])).toEqual({ turn: 0, step: 1 })
})

test('a turn is played where its words come, then the list goes on', () => {
  const before = [begin, calls(0, 0), result]
  expect(findPosition(plan, [...before, user('a nudge')])).toEqual({ turn: 1, step: 0 })
  expect(findPosition(plan, [...before, user('a nudge'), calls(1, 0), result])).toEqual({ turn: 1, step: 1 })
  expect(findPosition(plan, [...before, user('a nudge'), calls(1, 0), result, says('ok'), user('more')])).toEqual({ turn: 0, step: 1 })
  expect(findPosition(plan, [...before, user('a nudge'), calls(1, 0), result, says('ok'), user('a nudge')])).toEqual({ turn: 1, step: 0 })
})

test('a summary carries the position, and the answer that stands after it does not count twice', () => {
  const before = [begin, calls(0, 0), result, calls(0, 1), result, says('finished')]
  const summary = user(`Summary: [orch task api] ${toSummaryMark(1, findPosition(plan, before), before)}`)
  expect(findPosition(plan, [summary, user('go on')])).toEqual({ turn: 0, step: 3 })
  expect(findPosition(plan, [summary, says('finished'), user('go on')])).toEqual({ turn: 0, step: 3 })
  expect(findPosition(plan, [summary, says('something else'), user('go on')])).toEqual({ turn: 0, step: 4 })
})

test('after any history the position follows the last call whose number is known', () => {
  const any = fc.oneof(
    fc.constant(result),
    fc.constant(user('hello')),
    fc.string().map(says),
    fc.nat(3).map((step) => calls(0, step)),
  )
  fc.assert(
    fc.property(fc.array(any), fc.nat(3), (history, step) => {
      expect(findPosition(plan, [begin, ...history, calls(0, step), result])).toEqual({ turn: 0, step: step + 1 })
    }),
  )
})
