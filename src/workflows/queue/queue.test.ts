import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { QueueLife } from '../../../test/support/queue/queue-desk-scene.ts'
import { QueueWorld } from '../../../test/support/queue/queue-world.ts'

test('what is held by a dirty checkout and overtaken by another commit is tested anew', async () => {
  const world = new QueueWorld(['a', 'x'])
  const life = await QueueLife.begin(world)
  world.isCheckoutDirty = true
  await life.offer('a')
  await life.untilOutcome('a', 'waiting')
  world.isCheckoutDirty = false
  world.waiting.clear()
  world.branches.set('main', world.head('x'))
  await life.tell('a', { kind: 'landing-moved' }, 'look')
  expect(await life.ended('a')).toMatchObject({ outcome: 'landed' })
  expect(world.landed()).toEqual(['a', 'x'])
})

test('a branch that moves while it is tested does not land, and is told so; the others do', async () => {
  const world = new QueueWorld(['a', 'b', 'x'])
  const life = await QueueLife.begin(world)
  life.desk.expect(['a', 'b'])
  life.onTest = () => world.branches.set('b', world.head('x'))
  await life.offer('a')
  await life.offer('b')
  expect([await life.ended('a'), await life.ended('b')]).toMatchObject([{ outcome: 'landed' }, { outcome: 'void' }])
  expect(world.landed()).toEqual(['a'])
})

test('a merge asked for again while it is held hears of it, and does not count as landed', async () => {
  const world = new QueueWorld(['a'])
  const life = await QueueLife.begin(world)
  world.isCheckoutDirty = true
  await life.offer('a')
  await life.untilOutcome('a', 'waiting')
  await life.offer('a', {}, 'again')
  await until(() => life.reports.get('again')?.outcome === 'waiting', { what: 'the second question is answered' })
  await life.tell('a', { kind: 'merge', merge: 'third' }, 'k')
  await until(() => life.reports.get('third')?.outcome === 'waiting', { what: 'the third question is answered' })
  world.isCheckoutDirty = false
  await life.tell('a', { kind: 'merge', merge: 'fourth' }, 'k2')
  expect(await life.ended('a')).toMatchObject({ outcome: 'landed' })
  expect(life.reports.get('third')).toMatchObject({ outcome: 'landed' })
  expect(world.landed()).toEqual(['a'])
})
