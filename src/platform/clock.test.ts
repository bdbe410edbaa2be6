import { expect, it } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { systemClock } from './clock.ts'

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
