import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { NegotiationScene, overlapOf, standing } from '../../../test/support/negotiation/negotiation-scene.ts'
import type { News } from '../news.ts'

const [API, UI] = ['app.pay.api', 'app.pay.ui']

test('two that conflict hear the hunks and what the other is about; one merges, and it is settled when the overlap is gone and it has come to rest', async () => {
  const scene = new NegotiationScene()
  await scene.launch()
  await scene.overlap(overlapOf({ api: 'a1', ui: 'u1' }, 'src/api/pay.ts'))
  expect(scene.said).toEqual([`conflict orch>${API}`, `conflict orch>${UI}`])
  expect(scene.lastTo(UI)).toMatchObject({ feature: 'app.pay', about: { paths: ['src/api/pay.ts'] } })
  for (const words of [
    'round 1 of 2). You yield: app.pay.api owns the file',
    'api of "Add payments". It last said: Add a button',
    '<<< app.pay.ui\nright\n>>> app.pay.api\nleft\n',
    'git merge a1',
  ])
    expect(scene.lastTo(UI)?.text).toContain(words)
  expect(scene.lastTo(API)?.text).toMatch(/You keep yours: app\.pay\.api owns the file[^]*<<< app\.pay\.api\nleft/)
  // In the middle of the merge nothing overlaps.
  await scene.overlap()
  await scene.overlap(overlapOf({ api: 'a1', ui: 'u1~' }, 'src/api/pay.ts'))
  await scene.overlap()
  expect(scene.open).toEqual([`${API} ${UI}`])
  await scene.stands('ui', 'u2')
  expect(scene.open).toEqual([])
  expect(scene.messages.slice(2)).toMatchObject([{ kind: 'note', to: [], text: expect.stringContaining('settled after one round') }])
})

test('one that is finished and keeps its work is not woken for it; what it has not committed is agreed upon', async () => {
  const scene = new NegotiationScene()
  await scene.launch()
  await scene.stands('api', 'a1')
  await scene.overlap(overlapOf({ api: 'a1', ui: 'u1~' }, 'src/api/pay.ts'))
  expect(scene.said).toEqual([`note orch>${API}`, `conflict orch>${UI}`])
  await scene.overlap(overlapOf({ api: 'a1', docs: 'd1~' }, 'src/docs/pay.md'), overlapOf({ api: 'a1', ui: 'u1~' }, 'src/api/pay.ts'))
  expect(scene.said.slice(2)).toEqual(['conflict orch>app.pay.docs', `conflict orch>${API}`])
  expect(scene.lastTo(API)?.text).toContain('orch ask docs')
})

test('what nobody has committed is left alone', async () => {
  const scene = new NegotiationScene()
  await scene.launch()
  await scene.overlap(overlapOf({ api: 'a1~', ui: 'u1~' }))
  expect(scene.said).toEqual([])
  await scene.overlap(overlapOf({ api: 'a1~', ui: 'u2' }))
  expect(scene.said).toHaveLength(2)
})

test('a round is over when both rest at what the radar has seen; after the last one the person is asked, and the answer is the next instruction', async () => {
  const scene = new NegotiationScene()
  await scene.launch()
  await scene.overlap(overlapOf({ api: 'a1', ui: 'u1' }, 'src/shared.ts', [5, 2]))
  expect(scene.lastTo(UI)?.text).toContain('You yield: app.pay.ui has fewer conflicting lines (2 against 5)')
  await scene.stands('api', 'a1')
  await scene.stands('ui', 'u2')
  // The radar has not seen that commit yet.
  expect(scene.messages).toHaveLength(2)
  await scene.overlap(overlapOf({ api: 'a1', ui: 'u2' }, 'src/shared.ts', [5, 2]))
  expect(scene.said.slice(2)).toEqual([`note orch>${API}`, `conflict orch>${UI}`])
  expect(scene.lastTo(UI)?.text).toContain('round 2 of 2')
  await scene.stands('ui', undefined)
  await scene.stands('ui', 'u2')
  expect(scene.open).toEqual([`${API} ${UI} person`])
  const asked = scene.lastTo('human')
  expect(asked).toMatchObject({
    kind: 'escalation',
    from: 'app.pay',
    options: expect.arrayContaining([`drop what ${API} changed in these files`]),
  })
  expect(asked?.text).toMatch(/round 1: app\.pay\.ui was to merge a1 of app\.pay\.api[^]*round 2:[^]*<<< app\.pay\.api\nleft/)
  await scene.tell({ ...scene.reply('m99', '1'), from: 'app.pay.ui' } as News)
  expect(scene.open).toEqual([`${API} ${UI} person`])
  await scene.answer('2')
  expect(scene.said.slice(-2)).toEqual([`note orch>${UI}`, `conflict orch>${API}`])
  expect(scene.lastTo(API)?.text).toContain('You yield. Do this now: `git merge u2`')
  await scene.stands('api', 'a3')
  await scene.overlap()
  expect(scene.open).toEqual([])
})

test('a person may say it in words, and is asked again if that did not help; what was settled meanwhile asks nobody', async () => {
  const scene = new NegotiationScene({ negotiationRounds: 1 })
  await scene.launch()
  const both = overlapOf({ api: 'a1', ui: 'u1' })
  await scene.overlap(both)
  await scene.stands('api', 'a1')
  await scene.stands('ui', 'u1')
  await scene.answer('Both write one half.')
  expect(scene.said.slice(-2)).toEqual([`conflict orch>${API}`, `conflict orch>${UI}`])
  for (const party of [API, UI]) expect(scene.lastTo(party)?.text).toContain('Both write one half.')
  for (const [department, commit] of Object.entries({ api: 'a1', ui: 'u1' })) {
    expect(scene.open).toEqual([`${API} ${UI}`])
    await scene.stands(department, undefined)
    await scene.stands(department, commit)
  }
  const again = scene.lastTo('human')
  expect(scene.open).toEqual([`${API} ${UI} person`])
  expect(again?.text).toContain('the person decided: in their own words')
  await scene.overlap()
  expect(scene.messages.at(-1)).toMatchObject({ kind: 'answer', inReplyTo: again?.id, text: expect.stringContaining('is settled') })
  // A late answer finds nothing to settle.
  const before = scene.messages.length
  await scene.answer('1')
  expect(scene.messages).toHaveLength(before + 1)
})

test('who comes to rest before it has heard what it is to do is not told again', async () => {
  const scene = new NegotiationScene()
  await scene.launch()
  await scene.stands('api', 'a1')
  await scene.overlap(overlapOf({ api: 'a1', ui: 'u1' }))
  const told = scene.lastTo(UI)?.id ?? ''
  scene.unheard.add(told)
  await scene.stands('ui', 'u1')
  expect(scene.messages).toHaveLength(2)
  // Its message brings it back to work.
  await scene.stands('ui', undefined)
  scene.unheard.clear()
  await scene.stands('ui', 'u1')
  expect(scene.lastTo(UI)?.text).toContain('round 2 of 2')
})

test('one that was given up conflicts with nobody, and strangers are none of its business', async () => {
  const scene = new NegotiationScene()
  await scene.launch()
  await scene.overlap(overlapOf({ api: 'a1', other: 'o1' }))
  expect(scene.said).toEqual([])
  await scene.overlap(overlapOf({ api: 'a1', ui: 'u1' }))
  await scene.tell({ kind: 'part', department: 'ui', standing: { kind: 'gone', reason: 'not wanted' } })
  await scene.overlap()
  expect(scene.open).toEqual([])
})

const SIDE_BY_SIDE = 8

test('killed at any write, it says each thing once and comes to the same end', { timeout: 120_000 }, async () => {
  let points = 0
  for (let isPast = false; !isPast;) {
    const ends = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, index) => killedAt(points + index + 1)))
    points += SIDE_BY_SIDE
    isPast = ends.includes('past')
  }
  expect(points).toBeGreaterThan(15)
})

async function killedAt(write: number): Promise<'past' | 'killed'> {
  const scene = new NegotiationScene({ negotiationRounds: 1 })
  const pair = overlapOf({ api: 'a1', ui: 'u1' })
  const story: (() => News)[] = [
    () => ({ kind: 'overlaps', pairs: [pair] }),
    () => standing('api', 'a1'),
    () => standing('ui', 'u1'),
    () => scene.reply(scene.messages.find(({ kind }) => kind === 'escalation')?.id ?? '', '1'),
    () => standing('ui', 'u2'),
    () => ({ kind: 'overlaps', pairs: [] }),
  ]
  const tellAll = async (): Promise<void> => {
    for (const [index, news] of story.entries()) {
      // Told until it was taken, as whoever tells it does.
      await scene.tell(news(), index + 1).catch((error: unknown) => {
        if (!scene.isDead) throw error
      })
      if (scene.isDead) return
    }
  }
  await scene.launch(write)
  await tellAll()
  const end = scene.isDead ? 'killed' : 'past'
  await scene.die()
  await scene.launch()
  await tellAll()
  await until(() => scene.open.length === 0, { what: 'the end of the conflict' })
  expect(scene.said).toEqual([
    `conflict orch>${API}`,
    `conflict orch>${UI}`,
    'escalation app.pay>human',
    'answer human>app.pay',
    `note orch>${API}`,
    `conflict orch>${UI}`,
    'note orch>',
  ])
  return end
}
