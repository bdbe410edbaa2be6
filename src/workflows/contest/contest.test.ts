import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { ContestScene } from '../../../test/support/contest/contest-scene.ts'

test('the best of those that finished is proposed with the reason; a merge lands it, and the others are put away', async () => {
  const scene = new ContestScene(['works', 'works', 'fails'], [200, 12, 1])
  await scene.launch()
  await scene.untilStage('app.a', 'in-review', 'attempt 2 of 3 is best (1.00): check passed; attempt 1')
  expect(scene.stages.get('app.a')).toMatchObject({ reason: expect.stringContaining('attempt 3 did not finish: the validation failed') })
  expect(scene.contest).toMatchObject({ proposed: 2, attempts: [{ number: 1, lines: 200 }, { score: 1 }, { standing: 'stuck' }] })
  expect(scene.landed.size).toBe(0)
  await scene.merge()
  expect(await scene.result()).toMatchObject({ kind: 'landed' })
  scene.expectTaken(2)
  expect(scene.reports.at(-1)).toMatchObject({ outcome: 'landed', handle: 'app.a', branch: 'feature/a-2' })
  expect(scene.contest?.attempts.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^not kept: attempt 2 was taken \(1\.00 against 0\.\d\d\)$/),
    'taken: landed as dddddddddd',
    expect.stringMatching(/^not kept: attempt 2 was taken; this one did not finish: the validation failed/),
  ])
})

test('with `take: best` it lands by itself; with `accept` only from that score on; for `land: review` never', async () => {
  const taken = new ContestScene(['works', 'works'], [50, 5], { take: 'best' })
  await taken.launch()
  await taken.result()
  taken.expectTaken(2)
  const good = new ContestScene(['works', 'works'], [5, 50], { accept: 0.9 })
  await good.launch()
  await good.result()
  good.expectTaken(1)
  const reviewed = new ContestScene(['works', 'works'], [5, 50], { take: 'best', land: 'review' })
  await reviewed.launch()
  await reviewed.untilStage('app.a', 'in-review')
  expect(reviewed.landed.size).toBe(0)
})

test('one that still works is waited for, unless a person takes another at once', async () => {
  const scene = new ContestScene(['works', 'silent'], [5, 5], { take: 'best' })
  await scene.launch()
  await scene.untilStage('app.a', 'contest', '"ready":1')
  await scene.merge(2)
  await until(() => scene.reports.length === 1, { what: 'the refusal' })
  expect(scene.reports[0]).toMatchObject({ outcome: 'refused', code: 'still-working' })
  await scene.merge(7)
  await until(() => scene.reports.length === 2, { what: 'the second refusal' })
  expect(scene.reports[1]).toMatchObject({ outcome: 'refused', code: 'unknown-attempt' })
  await scene.merge(1)
  await scene.result()
  scene.expectTaken(1)
})

test('what needs a person counts as not finished; when that is all of them, the task says so, and words reach them all', async () => {
  const scene = new ContestScene(['blocks', 'blocks'], [5, 50], { take: 'best' })
  await scene.launch()
  await scene.untilStage('app.a', 'failed', 'no attempt finished: 1: Which?; 2: Which?')
  expect(scene.stages.get('app.a')).toMatchObject({ code: 'blocked' })
  scene.manners.fill('works')
  await scene.tell({ kind: 'message', id: 'm', text: 'The blue one.', when: 'steer' })
  await scene.result()
  scene.expectTaken(1)
  expect(scene.said.filter(({ text }) => text === 'The blue one.').map(({ handle }) => handle)).toEqual(['app.a.1', 'app.a.2'])
})

test('words for a task that is proposed reach the proposed attempt, which is compared again', async () => {
  const scene = new ContestScene(['works', 'works'], [50, 5])
  await scene.launch()
  await scene.untilStage('app.a', 'in-review', 'attempt 2 of 2 is best')
  scene.sizes[1] = 900
  await scene.tell({ kind: 'message', id: 'm', text: 'Add a test.', when: 'next-turn' })
  await scene.untilStage('app.a', 'in-review', 'attempt 1 of 2 is best')
  expect(scene.said.filter(({ text }) => text === 'Add a test.').map(({ handle }) => handle)).toEqual(['app.a.2'])
})

test('what others write reaches every attempt once, and counts as delivered to the task', async () => {
  const scene = new ContestScene(['silent', 'silent'], [5, 50])
  await scene.launch()
  await scene.untilStage('app.a', 'contest', '"working":2')
  await scene.tell({ kind: 'mail', id: 'u', message: 'm1', what: 'note', from: 'app.b', text: 'Use UUIDs.', wakes: false })
  await until(() => scene.said.filter(({ text }) => text === 'Use UUIDs.').length === 2, { what: 'both have heard' })
  expect(scene.delivered).toEqual(['app.a u'])
})

test('a stop reaches all that work and is answered when they have stopped; a resume brings them back', async () => {
  const scene = new ContestScene(['works', 'silent', 'blocks'], [5, 5, 5])
  await scene.launch()
  await scene.untilStage('app.a', 'contest', '"working":1,"ready":1,"stuck":1')
  await scene.tell({ kind: 'stop' })
  await scene.untilStage('app.a', 'paused', 'stop')
  for (const handle of ['app.a.2', 'app.a.3']) expect(scene.stages.get(handle)).toEqual({ kind: 'paused', by: 'stop' })
  expect(scene.stages.get('app.a.1')).toMatchObject({ kind: 'in-review' })
  scene.manners.fill('works')
  await scene.tell({ kind: 'resume' })
  await scene.untilStage('app.a', 'in-review')
  expect(scene.contest?.attempts.map(({ standing }) => standing)).toEqual(['ready', 'ready', 'ready'])
})

test('what the queue sends back goes to the attempt that was taken; after its tries a person is asked', async () => {
  const scene = new ContestScene(['works', 'works'], [5, 50], { take: 'best' })
  const breakage = { kind: 'conflicts', base: 'c'.repeat(40), files: ['page.ts'], hunks: '' } as never
  scene.outcomes.push({ kind: 'sent-back', breakage }, { kind: 'sent-back', breakage })
  await scene.launch()
  await scene.untilStage('app.a', 'in-review')
  expect(scene.said.filter(({ text }) => text.includes('page.ts')).map(({ handle }) => handle)).toEqual(['app.a.1', 'app.a.1'])
  await scene.merge()
  await scene.result()
  scene.expectTaken(1)
})

test('a task that is given up takes its attempts with it', async () => {
  const scene = new ContestScene(['works', 'silent'], [5, 5])
  await scene.launch()
  await scene.untilStage('app.a', 'contest', '"ready":1')
  await scene.tell({ kind: 'discard', reason: 'not wanted' })
  expect(await scene.result()).toEqual({ kind: 'discarded', reason: 'not wanted' })
  for (const handle of ['app.a.1', 'app.a.2']) await scene.untilStage(handle, 'archived', 'not wanted')
})

test('an attempt that is given up is no longer waited for', async () => {
  const scene = new ContestScene(['works', 'silent'], [5, 5])
  await scene.launch()
  await scene.untilStage('app.a', 'contest', '"ready":1')
  await scene.tell({ kind: 'discard', reason: 'a dead end' }, 'app.a.2#1')
  await scene.untilStage('app.a', 'in-review', 'attempt 2 did not finish: a dead end')
})

const SIDE_BY_SIDE = 8

test('killed at any write, also between choosing and putting away, it takes the same one, once', { timeout: 240_000 }, async () => {
  let points = 0
  for (let isPast = false; !isPast;) {
    const ends = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, index) => killedAt(points + index + 1)))
    points += SIDE_BY_SIDE
    isPast = ends.includes('past')
  }
  expect(points).toBeGreaterThan(30)
})

async function killedAt(write: number): Promise<'past' | 'killed'> {
  const scene = new ContestScene(['works', 'works', 'fails'], [80, 8, 1], { take: 'best' })
  await scene.launch(write)
  await until(() => scene.isDead || scene.isOver, { what: `death at write ${write}, or the end`, deadlineMs: 60_000 })
  const end = scene.isDead ? 'killed' : 'past'
  await scene.die()
  await scene.launch()
  await scene.result()
  scene.expectTaken(2)
  // What was said before the death is not said again under another id.
  const words = scene.said.map(({ handle, text }) => `${handle} ${text}`)
  expect(words.filter((each, index) => words.indexOf(each) !== index)).toEqual([])
  return end
}
