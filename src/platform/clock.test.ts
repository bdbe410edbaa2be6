import { expect, it } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { withResolvers } from '../foundation/with-resolvers.ts'
import { lookUntil, systemClock } from './clock.ts'

it('a wait longer than the longest timer does not end at once', async () => {
  const stop = new AbortController()
  const waiting = systemClock.wait(2 ** 40, stop.signal).then(
    () => 'ended',
    (reason: unknown) => reason,
  )
  await systemClock.wait(20)
  stop.abort('stopped')
  expect(await waiting).toBe('stopped')
})

it('a signal that was aborted before rejects, even for no time', async () => {
  await expect(systemClock.wait(0, AbortSignal.abort('why'))).rejects.toBe('why')
  await expect(systemClock.wait(10, AbortSignal.abort('why'))).rejects.toBe('why')
})

it('a manual clock wakes in order, and lets what it woke wait again', async () => {
  const clock = new ManualClock(0)
  const woken: number[] = []
  const beat = async () => {
    for (;;) woken.push((await clock.wait(10), clock.now()))
  }
  void beat()
  void clock.wait(25).then(() => woken.push(-25))
  await clock.advance(30)
  expect(woken).toEqual([10, 20, -25, 30])
  expect(clock.now()).toBe(30)
})

it('looks again after every change, also one during the look, until it is enough or late', async () => {
  const clock = new ManualClock(0)
  let [seen, next] = [0, withResolvers()]
  const change = () => {
    seen += 1
    next.resolve()
  }
  const patience = { clock, ms: 10, changed: () => (next = withResolvers()).promise }
  const look = async () => {
    const found = seen
    if (found === 1) change()
    await Promise.resolve()
    return found
  }
  const looking = lookUntil(patience, look, (found) => found === 2)
  change()
  expect(await looking).toBe(2)
  const late = lookUntil(patience, look, (found) => found === 9)
  await clock.advance(10)
  expect(await late).toBe(2)
})
