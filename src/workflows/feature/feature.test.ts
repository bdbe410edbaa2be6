import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { TIP } from '../../../test/support/feature/commit-world.ts'
import { FeatureScene } from '../../../test/support/feature/feature-scene.ts'

const breakage = { kind: 'conflicts', base: 'c'.repeat(40), files: ['page.ts'], hunks: '' } as never

test('departments side by side, then an integration on their merged work; a merge lands that for all', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  scene.manners.set('web', 'silent')
  await scene.launch()
  await scene.untilStage('app.pay', 'feature', '"ready":["backend"]')
  expect(scene.stages.get('app.pay')).toMatchObject({ phase: 'departments', working: ['web'], stuck: [] })
  await scene.merge()
  await until(() => scene.reports.length === 1, { what: 'the refusal' })
  expect(scene.reports[0]).toMatchObject({ outcome: 'refused', code: 'not-ready', reason: expect.stringContaining('web: at work') })
  await scene.endTurn('web', 'works')
  await scene.untilStage('app.pay', 'in-review', 'ready: backend, web; integration: check passed')
  expect(scene.begun).toEqual(['backend', 'web', 'integration'])
  for (const name of ['backend', 'web']) {
    expect(scene.bases.get(name)).toBe(TIP)
    expect(scene.world.holds(scene.bases.get('integration') ?? '', scene.world.headOf(name))).toBe(true)
  }
  expect(scene.landed.size).toBe(0)
  await scene.merge()
  await scene.expectLanded()
  const [entry, ...others] = [...scene.landed.values()]
  expect(others).toEqual([])
  expect(entry).toMatchObject({
    subject: 'Merge pay: Add payments',
    entry: { name: 'app.pay', branch: 'dept/integration/pay', head: scene.world.headOf('integration') },
    trailers: { 'Orch-Task': 'app.pay', 'Orch-Parts': expect.stringContaining(`app.pay.web@${scene.world.headOf('web')}`) },
  })
  expect(scene.reports.at(-1)).toMatchObject({ outcome: 'landed', handle: 'app.pay' })
})

test('the foundation comes first, and the others start from its work', async () => {
  const scene = new FeatureScene(['foundation', 'backend', 'web', 'integration'], { land: 'auto' })
  await scene.launch()
  await scene.expectLanded()
  expect(scene.begun).toEqual(['foundation', 'backend', 'web', 'integration'])
  expect(scene.bases.get('backend')).toBe(scene.world.headOf('foundation'))
})

test('each is told its task, its colleagues, and to plan before it edits', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'], { land: 'auto' })
  await scene.launch()
  await scene.result()
  const first = (name: string) => scene.said.find(({ handle }) => handle === `app.pay.${name}`)?.text
  expect(first('backend')).toMatch(/^\[orch task pay\.backend\] Add payments\n/)
  expect(first('backend')).toContain('orch context all')
  expect(first('backend')).toContain('Beside you: web, integration')
  expect(first('integration')).not.toContain('orch context all')
})

test('what would not merge is named to the integration, which takes it in', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  scene.world.clashing.add('web')
  await scene.launch()
  await scene.untilStage('app.pay', 'in-review')
  const told = scene.said.find(({ handle }) => handle === 'app.pay.integration')?.text
  expect(told).toContain(`git merge ${scene.world.headOf('web')}\` (web): conflicts in page.ts`)
  expect(scene.world.holds(scene.world.headOf('integration'), scene.world.headOf('web'))).toBe(true)
})

test('a department that goes on after the integration began is taken in; one that is deaf to that needs a person', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  await scene.launch()
  await scene.untilStage('app.pay', 'in-review')
  const before = scene.world.headOf('web')
  await scene.tell({ kind: 'message', id: 'm', text: 'Mind the colours.', when: 'next-turn' }, 'web')
  await until(() => scene.said.some(({ text }) => text.includes('New work has to be taken in')), { what: 'word to the integration' })
  await scene.untilStage('app.pay', 'in-review')
  expect(scene.world.headOf('web')).not.toBe(before)
  expect(scene.world.holds(scene.world.headOf('integration'), scene.world.headOf('web'))).toBe(true)
  scene.manners.set('integration', 'deaf')
  await scene.tell({ kind: 'message', id: 'n', text: 'And the words.', when: 'next-turn' }, 'web')
  await scene.untilStage('app.pay', 'feature', 'it has not taken in web')
  await scene.merge()
  await until(() => scene.reports.length === 1, { what: 'the refusal' })
  expect(scene.reports[0]).toMatchObject({ code: 'not-ready' })
  expect(scene.landed.size).toBe(0)
})

test('without an integration all branches land as one group', async () => {
  const scene = new FeatureScene(['backend', 'web'], { land: 'auto' })
  await scene.launch()
  await scene.expectLanded()
  const landed = [...scene.landed.values()]
  expect(landed.map(({ entry }) => [entry.name, entry.group])).toEqual([
    ['app.pay.backend', 'app.pay'],
    ['app.pay.web', 'app.pay'],
  ])
  for (const { mates } of landed) expect(mates).toEqual(landed.map(({ entry }) => entry.id))
})

test('without an integration what conflicts is settled between the two before anything lands', async () => {
  const scene = new FeatureScene(['backend', 'web'], { land: 'auto' })
  scene.world.clashing.add('web')
  await scene.launch()
  await scene.expectLanded()
  expect(scene.posted.map(({ kind }) => kind)).toContain('conflict')
  const [one, other] = [scene.world.headOf('web'), scene.world.headOf('backend')]
  expect(scene.world.holds(one, other) || scene.world.holds(other, one)).toBe(true)
})

test('of a group that is sent back the guilty one mends, and all land together', async () => {
  const scene = new FeatureScene(['backend', 'web'])
  const mate = { kind: 'group', group: 'app.pay', because: 'app.pay.web' } as const
  scene.outcomes.set('app.pay.web', [{ kind: 'sent-back', breakage }])
  scene.outcomes.set('app.pay.backend', [{ kind: 'sent-back', breakage: mate }])
  await scene.launch()
  await scene.untilStage('app.pay', 'in-review')
  await scene.merge()
  await scene.expectLanded()
  expect(scene.said.filter(({ text }) => text.includes('sent back')).map(({ handle }) => handle)).toEqual(['app.pay.web'])
  expect([...scene.landed.values()].map(({ entry }) => entry.head)).toEqual([scene.world.headOf('backend'), scene.world.headOf('web')])
})

test('what the queue sends back goes to the integration; after its tries a person is asked', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'], { land: 'auto' })
  scene.outcomes.set('app.pay', [
    { kind: 'sent-back', breakage },
    { kind: 'sent-back', breakage },
  ])
  await scene.launch()
  await scene.untilStage('app.pay', 'in-review', 'sent back by the queue again and again')
  expect(scene.said.filter(({ text }) => text.includes('sent back')).map(({ handle }) => handle)).toEqual([
    'app.pay.integration',
    'app.pay.integration',
  ])
  await scene.merge()
  await scene.expectLanded()
})

test('a branch that was moved by hand cannot land', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  await scene.launch()
  await scene.untilStage('app.pay', 'in-review')
  scene.world.moved.set('web', 'e'.repeat(40))
  await scene.merge()
  await until(() => scene.reports.length === 1, { what: 'the refusal' })
  expect(scene.reports[0]).toMatchObject({ outcome: 'refused', code: 'moved', reason: expect.stringContaining('web') })
  await scene.untilStage('app.pay', 'feature', 'its branch went on after it was verified')
  expect(scene.offers).toEqual([])
})

test('a department that goes on while the feature waits to land takes it out of the queue', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  await scene.launch()
  await scene.untilStage('app.pay', 'in-review')
  scene.isQueueOpen = false
  await scene.merge()
  await scene.untilStage('app.pay', 'waiting-to-land')
  scene.manners.set('web', 'silent')
  await scene.tell({ kind: 'message', id: 'm', text: 'Mind the colours.', when: 'next-turn' }, 'web')
  await scene.untilStage('app.pay', 'feature', '"working":["web"]')
  expect(scene.reports.at(-1)).toMatchObject({ outcome: 'void' })
  scene.isQueueOpen = true
  await scene.endTurn('web', 'works')
  await scene.untilStage('app.pay', 'in-review')
  expect(scene.world.holds(scene.world.headOf('integration'), scene.world.headOf('web'))).toBe(true)
  await scene.merge()
  await scene.expectLanded()
})

test('one that needs a person is named; words for it alone get it going', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  scene.manners.set('web', 'blocks')
  await scene.launch()
  await scene.untilStage('app.pay', 'feature', '"stuck":[{"department":"web","reason":"Which?"}]')
  scene.manners.set('web', 'works')
  await scene.tell({ kind: 'message', id: 'm', text: 'The blue one.', when: 'steer' }, 'web')
  await scene.untilStage('app.pay', 'in-review')
})

test('a stop reaches all that work and is answered when they have stopped; a resume brings them back; words reach all', async () => {
  const scene = new FeatureScene(['backend', 'web', 'docs', 'integration'])
  scene.manners.set('web', 'silent')
  scene.manners.set('docs', 'blocks')
  await scene.launch()
  await scene.untilStage('app.pay', 'feature', '"ready":["backend"],"stuck":[{"department":"docs"')
  await scene.tell({ kind: 'stop' })
  await scene.untilStage('app.pay', 'paused', 'stop')
  for (const name of ['web', 'docs']) expect(scene.stages.get(`app.pay.${name}`)).toEqual({ kind: 'paused', by: 'stop' })
  expect(scene.stages.get('app.pay.backend')).toMatchObject({ kind: 'in-review' })
  scene.manners.clear()
  await scene.tell({ kind: 'resume' })
  await scene.untilStage('app.pay', 'in-review')
  await scene.tell({ kind: 'message', id: 'all', text: 'Be brief.', when: 'next-turn' })
  await until(() => scene.said.filter(({ text }) => text === 'Be brief.').length === 4, { what: 'all have heard' })
  await scene.untilStage('app.pay', 'in-review')
})

test('a stop ends what a pause has left waiting', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  scene.manners.set('web', 'silent')
  await scene.launch()
  await scene.untilStage('app.pay', 'feature', '"ready":["backend"]')
  await scene.tell({ kind: 'pause' })
  await scene.untilStage('app.pay', 'paused', 'pause')
  await scene.tell({ kind: 'stop' })
  await scene.untilStage('app.pay.web', 'paused', 'stop')
  await scene.untilStage('app.pay', 'paused', 'stop')
})

test('one that is given up is no longer waited for; a feature that is given up takes its parts with it', async () => {
  const scene = new FeatureScene(['backend', 'web', 'integration'])
  scene.manners.set('web', 'silent')
  await scene.launch()
  await scene.untilStage('app.pay', 'feature', '"ready":["backend"]')
  await scene.tell({ kind: 'discard', reason: 'a dead end' }, 'web')
  await scene.untilStage('app.pay', 'in-review', 'ready: backend')
  await scene.tell({ kind: 'discard', reason: 'not wanted' })
  expect(await scene.result()).toEqual({ kind: 'discarded', reason: 'not wanted' })
  for (const name of ['backend', 'integration']) await scene.untilStage(`app.pay.${name}`, 'archived', 'not wanted')
})

const SIDE_BY_SIDE = 8

test.each([
  ['with an integration', ['foundation', 'backend', 'web', 'integration']],
  ['as a group', ['backend', 'web']],
])('killed at any write it lands once, %s', { timeout: 240_000 }, async (_how, names) => {
  let points = 0
  for (let isPast = false; !isPast;) {
    const ends = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, index) => killedAt(names, points + index + 1)))
    points += SIDE_BY_SIDE
    isPast = ends.includes('past')
  }
  expect(points).toBeGreaterThan(20)
})

async function killedAt(names: readonly string[], write: number): Promise<'past' | 'killed'> {
  const scene = new FeatureScene(names, { land: 'auto' })
  if (names.includes('integration')) scene.world.clashing.add('web')
  await scene.launch(write)
  await until(() => scene.isDead || scene.isOver, { what: `death at write ${write}, or the end`, deadlineMs: 60_000 })
  const end = scene.isDead ? 'killed' : 'past'
  await scene.die()
  await scene.launch()
  await scene.expectLanded()
  expect([...scene.landed.values()].map(({ entry }) => entry.name)).toEqual(
    names.includes('integration') ? ['app.pay'] : names.map((name) => `app.pay.${name}`),
  )
  // What was said before the death is not said again under another id.
  const words = scene.said.map(({ handle, text }) => `${handle} ${text}`)
  expect(words.filter((each, index) => words.indexOf(each) !== index)).toEqual([])
  return end
}
