import { expect, test } from 'vitest'
import type { ModelFailure, SessionEvent } from '../../domain/sessions/session-event.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { ModelGate } from './model-gate.ts'

const never = new AbortController().signal

function scene(): { clock: ManualClock; gate: ModelGate; fail(cause: ModelFailure): void } {
  const clock = new ManualClock()
  const gate = new ModelGate(clock)
  const fail = (cause: ModelFailure): void =>
    gate.note({ type: 'turn-ended', at: clock.now(), outcome: { kind: 'model-failed', cause, message: '' } })
  return { clock, gate, fail }
}

function retrying(at: number, delayMs: number): SessionEvent {
  return { type: 'retrying', at, cause: 'rate-limit', attempt: 1, delayMs }
}

test('who asks during a back-off hears until when', async () => {
  const { clock, gate } = scene()
  expect(await gate.enter(never)).toBeUndefined()
  gate.note(retrying(clock.now(), 5000))
  expect(await gate.enter(never)).toEqual({ until: clock.now() + 5000, reason: 'the model answered rate limited (429)' })
})

test('after a back-off they go on one after the other', async () => {
  const { clock, gate } = scene()
  gate.note(retrying(clock.now(), 5000))
  await clock.advance(5000)
  const entered: number[] = []
  const begin = clock.now()
  const all = [1, 2, 3, 4].map(() => gate.enter(never).then(() => entered.push(clock.now() - begin)))
  await clock.advance(0)
  await clock.advance(2000)
  await Promise.all(all)
  expect(entered).toEqual([0, 250, 500, 750])
})

test('those who wait for their turn learn that it is too early after all', async () => {
  const { clock, gate, fail } = scene()
  gate.note(retrying(clock.now(), 5000))
  await clock.advance(5000)
  expect(await gate.enter(never)).toBeUndefined()
  const second = gate.enter(never)
  fail('overloaded')
  await clock.advance(250)
  expect(await second).toMatchObject({ reason: 'the model answered overloaded (529)' })
})

test('the waits grow with every failed try, count a crowd once, and begin anew after an answer', async () => {
  const { clock, gate, fail } = scene()
  const waits: number[] = []
  for (let round = 0; round < 9; round += 1) {
    for (let session = 0; session < 5; session += 1) fail('overloaded')
    const waitMs = (gate.backOff?.until ?? 0) - clock.now()
    waits.push(waitMs)
    await clock.advance(waitMs)
  }
  expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000])
  await clock.advance(1)
  gate.note({
    type: 'usage',
    at: clock.now(),
    messageId: 'm',
    model: 'x',
    usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheCreationTokens: 0 },
  })
  fail('connection')
  expect((gate.backOff?.until ?? 0) - clock.now()).toBe(2000)
})

test('what one conversation may be the cause of holds nobody else; nor does what an old record tells', async () => {
  const { clock, gate, fail } = scene()
  fail('server')
  fail('unknown')
  gate.note(retrying(clock.now() - 60_000, 5000))
  expect(gate.backOff).toBeUndefined()
})

test('a clock that is set back holds nobody for longer than was said, and one that is set on lets them go', async () => {
  const { clock, gate } = scene()
  gate.note(retrying(clock.now(), 5000))
  clock.jump(-24 * 3600_000)
  expect((gate.backOff?.until ?? 0) - clock.now()).toBe(5000)
  await clock.advance(5000)
  expect(await gate.enter(never)).toBeUndefined()
  clock.jump(-3600_000)
  let entered = 0
  void gate.enter(never).then(() => (entered += 1))
  await clock.advance(1000)
  expect(entered).toBe(1)
  gate.note(retrying(clock.now(), 5000))
  clock.jump(6000)
  expect(gate.backOff).toBeUndefined()
})
