import { expect, test } from 'vitest'
import type { RunRecord } from '../../ports/engine.ts'
import { until } from '../../../test/support/eventually.ts'
import { QueueLife, type LifeOptions } from '../../../test/support/queue/queue-desk-scene.ts'
import { QueueWorld } from '../../../test/support/queue/queue-world.ts'

const NAMES = ['a', 'b', 'c'] as const

test(
  'a batch whose daemon dies before or after any write of the journal ends as one that nobody disturbed',
  { timeout: 120_000 },
  async () => {
    let points = 0
    for (let write = 1, hasDied = true; hasDied; write += 1) {
      for (const side of ['before', 'after'] as const) {
        hasDied = await endsWell({ write, side })
        if (hasDied) points += 1
      }
    }
    expect(points).toBeGreaterThan(30)
  },
)

test('a batch that comes to its end while the journal is replayed is over, and the next begins', async () => {
  const world = new QueueWorld(['a', 'late'])
  const first = await QueueLife.begin(world)
  await first.offer('a')
  await first.ended('a')
  await until(() => batchOf(first)?.endedAt, { what: 'the batch ends' })
  const next = new QueueLife(world, { folder: first.leftBehind('"end"', '"batch.') })
  await next.engine.launch()
  await until(() => batchOf(next)?.endedAt, { what: 'the batch ends' })
  next.desk.goOn()
  await next.offer('late')
  expect(await next.ended('late')).toMatchObject({ outcome: 'landed' })
})

test('what was taken out before a kill does not land after it', async () => {
  const { world, first } = await testing()
  await first.tell('b', { kind: 'unqueue' }, 'k')
  expect(await first.ended('b')).toMatchObject({ outcome: 'refused', code: 'removed' })
  first.kill()
  for (const folder of [first.leftBehind(), first.leftBehind('"end"', '"entry.b"')]) {
    const copy = world.copy()
    const next = await QueueLife.begin(copy, { folder })
    expect(await next.ended('a')).toMatchObject({ outcome: 'landed' })
    expect(await next.ended('b')).toMatchObject({ outcome: 'refused', code: 'removed' })
    expect(copy.landed()).toEqual(['a'])
  }
})

test('nothing lands whose run has ended', async () => {
  const { world, first } = await testing()
  await first.engine.cancel('entry.b')
  expect(first.desk.find('b', 'app')).toBeUndefined()
  first.kill()
  const next = await QueueLife.begin(world, { folder: first.leftBehind() })
  expect(await next.ended('a')).toMatchObject({ outcome: 'landed' })
  expect(world.landed()).toEqual(['a'])
})

test('a landing of which no record was written is told, also to one who would take it out', async () => {
  const world = new QueueWorld(['a'])
  const first = await QueueLife.begin(world)
  first.onMoved = () => first.kill()
  await first.offer('a')
  await first.died
  const next = new QueueLife(world, { folder: first.leftBehind() })
  await next.engine.launch()
  await next.tell('a', { kind: 'unqueue' }, 'k')
  next.desk.goOn()
  expect(await next.ended('a')).toMatchObject({ outcome: 'landed' })
  expect(world.moves).toEqual(['a'])
})

test('the same where every commit is signed anew', async () => {
  const world = new QueueWorld(['a', 'b'])
  world.isSigned = true
  const first = await QueueLife.begin(world)
  first.desk.expect(['a', 'b'])
  first.onMoved = () => first.kill()
  await first.offer('a')
  await first.offer('b')
  await first.died
  const next = new QueueLife(world, { folder: first.leftBehind() })
  await next.engine.launch()
  await next.tell('b', { kind: 'unqueue' }, 'k')
  next.desk.goOn()
  expect([await next.ended('a'), await next.ended('b')]).toMatchObject([{ outcome: 'landed' }, { outcome: 'landed' }])
  expect(world.moves).toEqual(['a b'])
})

/** Two entries, whose batch is being tested and does not get to the end of it. */
async function testing(): Promise<{ world: QueueWorld; first: QueueLife }> {
  const world = new QueueWorld(['a', 'b'])
  const first = await QueueLife.begin(world)
  first.desk.expect(['a', 'b'])
  const begun = new Promise<void>((resolve) => {
    first.onTest = () => (resolve(), new Promise(() => undefined))
  })
  await first.offer('a')
  await first.offer('b')
  await begun
  return { world, first }
}

function batchOf({ engine }: QueueLife): RunRecord | undefined {
  return engine.list().find(({ name }) => name === 'batch')
}

/** Whether it died at all. */
async function endsWell(death: NonNullable<LifeOptions['death']>): Promise<boolean> {
  const at = `${death.side} write ${death.write}`
  const world = new QueueWorld([...NAMES, 'late'])
  world.bad.add('b')
  const first = await QueueLife.begin(world, { death })
  first.desk.expect(NAMES)
  const calm = liveThrough(first)
  const died = first.died.then(() => undefined)
  const ends = await Promise.race([died, calm])
  calm.catch(() => undefined)
  const last = ends === undefined ? await QueueLife.begin(world, { folder: first.leftBehind() }) : first
  expect(ends ?? (await liveThrough(last)), at).toEqual({ a: 'landed', b: 'sent-back', c: 'landed', late: 'landed' })
  expect(world.landed(), at).toEqual(['a', 'c', 'late'])
  expect(world.passed, at).toContain(world.at(world.head('main')).tree)
  expect(new Set(world.moves).size, at).toBe(world.moves.length)
  await Promise.all([first.engine.close(), last.engine.close()])
  return ends === undefined
}

/** A person asks again where the daemon died before it knew; the queue goes on with others afterwards. */
async function liveThrough(life: QueueLife): Promise<Record<string, string>> {
  for (const name of NAMES) await life.offer(name)
  const ends = await Promise.all(NAMES.map(async (name) => [name, (await life.ended(name)).outcome] as const))
  await life.offer('late')
  return Object.fromEntries([...ends, ['late', (await life.ended('late')).outcome]])
}
