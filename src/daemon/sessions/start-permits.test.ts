import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StartPermits } from './start-permits.ts'

test('who gives up in the moment their turn comes does not push out the next in line', async () => {
  const permits = new StartPermits(1)
  const release = await permits.take()
  const leaving = new AbortController()
  const late = permits.take(leaving.signal)
  const patient = permits.take()
  release()
  leaving.abort(new Error('not any more'))
  const releaseLate = await late
  releaseLate()
  expect(await patient).toBeTypeOf('function')
})

test('who gives up while waiting is passed over', async () => {
  const permits = new StartPermits(1)
  const release = await permits.take()
  const leaving = new AbortController()
  const gone = permits.take(leaving.signal)
  const patient = permits.take()
  leaving.abort(new Error('not any more'))
  await expect(gone).rejects.toThrow('not any more')
  release()
  release()
  expect(await patient).toBeTypeOf('function')
})

test('who has given up before asking gets no permit and waits for none', async () => {
  const permits = new StartPermits(1)
  const gone = AbortSignal.abort(new Error('not any more'))
  await expect(permits.take(gone)).rejects.toThrow('not any more')
  const release = await permits.take()
  await expect(permits.take(gone)).rejects.toThrow('not any more')
  const patient = permits.take()
  release()
  expect(await patient).toBeTypeOf('function')
})

test('never more than so many at once, and nobody waits while one is free', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.constantFrom('take', 'release', 'release-again')), async (count, acts) => {
      const permits = new StartPermits(count)
      const held: (() => void)[] = []
      const given: (() => void)[] = []
      let asked = 0
      for (const act of acts) {
        if (act === 'take') {
          asked += 1
          void permits.take().then((release) => held.push(release))
        }
        const release = act === 'release' ? held.shift() : undefined
        if (release !== undefined) given.push(release)
        release?.()
        if (act === 'release-again') for (const again of given) again()
        await settled()
        expect(held).toHaveLength(Math.min(count, asked - given.length))
      }
    }),
  )
})

test('a permit that is given back twice counts once', async () => {
  const permits = new StartPermits(1)
  const release = await permits.take()
  release()
  release()
  await permits.take()
  let isIn = false
  void permits.take().then(() => (isIn = true))
  await settled()
  expect(isIn).toBe(false)
})

/** Permits pass on within a few microtasks; nothing else is waited for. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
