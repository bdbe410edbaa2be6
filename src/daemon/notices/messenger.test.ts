import { expect, onTestFinished, test } from 'vitest'
import { MessengerScene } from '../../../test/support/notices/messenger-scene.ts'
import { Failure } from '../../foundation/failure.ts'

test('what comes together is one message, and each is told once', async () => {
  const scene = new MessengerScene()
  const life = await scene.begin()
  await life.bring('a', 'b')
  await scene.clock.advance(1000)
  await life.bring('c')
  expect(scene.told).toEqual([])
  await scene.clock.advance(1000)
  expect(scene.messages()).toEqual(['a b c'])
  await scene.clock.advance(3_600_000)
  expect(scene.messages()).toEqual(['a b c'])
  expect(scene.clock.waiting).toBe(0)
})

test('of the same thing nothing is told twice within a minute; of others sooner', async () => {
  const scene = new MessengerScene()
  const life = await scene.begin()
  await life.bring('api:1')
  await scene.clock.advance(2000)
  await life.bring('api:2', 'web:1')
  await scene.clock.advance(9999)
  expect(scene.messages()).toEqual(['api:1'])
  await scene.clock.advance(1)
  expect(scene.messages()).toEqual(['api:1', 'web:1'])
  await scene.clock.advance(49_999)
  expect(scene.messages()).toHaveLength(2)
  await scene.clock.advance(1)
  expect(scene.messages()).toEqual(['api:1', 'web:1', 'api:2'])
})

test('what is over before it was told is not told', async () => {
  const scene = new MessengerScene()
  const life = await scene.begin()
  await life.bring('a', 'b')
  await life.end('a')
  await scene.clock.advance(2000)
  expect(scene.messages()).toEqual(['b'])
})

test('a clock that is set back draws nothing out', async () => {
  const scene = new MessengerScene()
  const life = await scene.begin()
  await life.bring('a')
  await scene.clock.advance(2000)
  await life.bring('b')
  scene.clock.jump(-24 * 3_600_000)
  await life.bring('a:again')
  await scene.clock.advance(60_000)
  expect(scene.messages().join(' ').split(' ').toSorted()).toEqual(['a', 'a:again', 'b'])
})

test('quiet hours hold back all but what is loud; afterwards there is one message', async () => {
  const scene = new MessengerScene()
  scene.quiet = { from: scene.clock.now(), to: scene.clock.now() + 8 * 3_600_000 }
  const life = await scene.begin()
  await life.bring('a', 'loud!', 'b')
  await scene.clock.advance(2000)
  expect(scene.messages()).toEqual(['loud!'])
  await scene.clock.advance(3_600_000)
  await life.bring('c')
  await life.end('b')
  await scene.clock.advance(7 * 3_600_000 - 2001)
  expect(scene.messages()).toHaveLength(1)
  await scene.clock.advance(1)
  expect(scene.messages()).toEqual(['loud!', 'a c'])
})

test('a message that is not taken is tried again later and later, with the same key, until it is given up and said so', async () => {
  const scene = new MessengerScene()
  const life = await scene.begin()
  scene.fail = () => new Failure('notify-later', 'answered 503')
  await life.bring('a')
  await scene.clock.advance(2000)
  const times = scene.told.map(({ at }) => at)
  expect(times).toHaveLength(1)
  await scene.clock.advance(3 * 3_600_000)
  const gaps = scene.told.slice(1).map(({ at }, index) => at - (scene.told[index]?.at ?? 0))
  expect(gaps.slice(0, 6)).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000])
  expect(Math.max(...gaps)).toBe(600_000)
  expect(new Set(scene.told.map(({ key }) => key)).size).toBe(1)
  expect(scene.errors.map(String)).toEqual(['Error: webhook:1 did not take a notice: answered 503'])
  scene.fail = undefined
  await life.bring('b')
  await scene.clock.advance(60_000)
  expect(scene.messages().at(-1)).toBe('b')
  expect(scene.clock.waiting).toBe(0)
})

test('a message is not tried again when all in it is over meanwhile, and told when it is so again', async () => {
  const scene = new MessengerScene()
  const life = await scene.begin()
  scene.fail = () => new Failure('notify-later', 'answered 503', { facts: { afterMs: 100_000 } })
  await life.bring('a')
  await scene.clock.advance(2000)
  await life.end('a')
  scene.fail = undefined
  await scene.clock.advance(200_000)
  expect(scene.messages()).toEqual(['a'])
  await life.again('a')
  await scene.clock.advance(60_000)
  expect(scene.messages()).toEqual(['a', 'a'])
})

test('what will never be taken is given up at once; a desktop that is not there is no error each time', async () => {
  for (const [channel, errors] of [
    ['webhook:1', 1],
    ['desktop', 0],
  ] as const) {
    const scene = new MessengerScene(channel)
    const life = await scene.begin()
    scene.fail = () => new Failure('notify-refused', 'answered 410')
    await life.bring('a')
    await scene.clock.advance(3_600_000)
    expect(scene.told).toHaveLength(1)
    expect(scene.errors).toHaveLength(errors)
  }
})

test('whoever dies at any write, before or after it, loses nothing, and what is told twice has the same key', async () => {
  for (let write = 1; write <= 9; write++) {
    for (const side of ['before', 'after'] as const) {
      const scene = new MessengerScene()
      onTestFinished(() => scene.close())
      scene.fail = () => (scene.told.length === 1 ? new Failure('notify-later', 'answered 503') : undefined)
      let life = await scene.begin({ write, side })
      const brought = ['a', 'b', 'c']
      for (const name of brought) {
        await life.bring(name).catch(() => undefined)
        await scene.clock.advance(70_000)
        if (!life.isDead) continue
        life = await scene.begin()
        // The next daemon finds what it does not know.
        await life.bring(...brought.slice(0, brought.indexOf(name) + 1).filter((one) => !life.knows(one)))
        await scene.clock.advance(70_000)
      }
      const what = `death ${side} write ${write}`
      const taken = scene.told.filter(({ isTaken }) => isTaken)
      expect(new Set(taken.flatMap(({ ids }) => ids)), what).toEqual(new Set(brought))
      const keys = new Map(taken.map(({ key, ids }) => [key, ids.join(' ')]))
      expect([...keys.values()].join(' ').split(' ').toSorted(), what).toEqual(brought)
      // Only a death between telling and the record of it tells twice.
      expect(taken.length - keys.size, what).toBeLessThanOrEqual(side === 'before' ? 1 : 0)
    }
  }
})
