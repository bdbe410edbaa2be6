import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { Failure } from '../../foundation/failure.ts'
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

test('what is held by a dirty checkout can be given up, and lands with nothing that comes later', async () => {
  const world = new QueueWorld(['a', 'b'])
  const life = await QueueLife.begin(world)
  world.isCheckoutDirty = true
  await life.offer('a')
  await life.untilOutcome('a', 'waiting')
  await life.tell('a', { kind: 'unqueue' }, 'k')
  expect(await life.ended('a')).toMatchObject({ outcome: 'refused', code: 'removed' })
  world.isCheckoutDirty = false
  await life.offer('b')
  expect(await life.ended('b')).toMatchObject({ outcome: 'landed' })
  expect(world.landed()).toEqual(['b'])
})

test('a red target stops the queue until something new comes; then those that wait hear that it goes on', async () => {
  const world = new QueueWorld(['a', 'b', 'broken'])
  world.bad.add('broken')
  world.branches.set('main', world.head('broken'))
  const life = await QueueLife.begin(world)
  await life.offer('a')
  await life.untilOutcome('a', 'waiting')
  await life.offer('b')
  await life.untilOutcome('b', 'waiting')
  await until(() => life.heard('a', 'queue-goes-on') === 1 && life.heard('a', 'queue-stopped') === 2, { what: 'a hears of it' })
  expect(world.moves).toEqual([])
  world.bad.clear()
  for (const lane of life.desk.lanes()) life.desk.restart(lane)
  expect([await life.ended('a'), await life.ended('b')]).toMatchObject([{ outcome: 'landed' }, { outcome: 'landed' }])
})

test('a batch that fails keeps its entries, says why, and is tried again', async () => {
  const world = new QueueWorld(['a'])
  const life = await QueueLife.begin(world)
  life.onLand = () => Promise.reject(new Failure('no-such-commit', 'The branch main has no commit', { next: 'git branch main' }))
  await life.offer('a')
  await life.untilOutcome('a', 'waiting')
  expect(life.reports.get('a')).toMatchObject({ reason: expect.stringContaining('git branch main, then orch queue resume') })
  const next = await QueueLife.begin(world, { folder: (life.kill(), life.leftBehind()) })
  expect(await next.ended('a')).toMatchObject({ outcome: 'landed' })
})

test('what is paused stays so over a restart, and goes on when a person says so', async () => {
  const world = new QueueWorld(['a'])
  const life = await QueueLife.begin(world)
  await life.desk.setPaused('app', true)
  await life.offer('a')
  life.kill()
  const next = await QueueLife.begin(world, { folder: life.leftBehind() })
  await until(() => next.desk.find('a', 'app'), { what: 'a waits' })
  expect(next.desk.lanes()[0]?.batch).toBeUndefined()
  await next.desk.setPaused('app', false)
  expect(await next.ended('a')).toMatchObject({ outcome: 'landed' })
})

test('two targets of one project and two projects have queues of their own', async () => {
  const world = new QueueWorld(['a', 'b', 'c'])
  world.branches.set('release', world.head('main'))
  const life = await QueueLife.begin(world)
  await life.offer('a')
  await life.offer('b', { target: 'release' })
  await life.offer('c', { project: 'other' })
  for (const name of ['a', 'b', 'c']) expect(await life.ended(name)).toMatchObject({ outcome: 'landed' })
  expect([world.landed(), world.landed('release')]).toEqual([['a', 'c'], ['b']])
  expect(life.desk.lanes()).toHaveLength(3)
})
