import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { PersonScene } from '../../../test/support/gates/person-scene.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { Json } from '../../ports/engine.ts'
import type { TaskLife } from '../life/task-life.ts'
import { askPerson } from './ask-person.ts'

test('a question is asked once, waits for its answer, and keeps what else comes for later', async () => {
  const scene = await PersonScene.begin({ body: asksTwice })
  await scene.untilAsked(1)
  expect(scene.board.asked).toMatchObject([{ id: 'm1', message: { kind: 'escalation', from: 'app.a', to: ['human'], text: 'May it?' } }])
  await scene.tell({ kind: 'declared', what: 'done', commit: '', message: 'later' })
  await scene.tell({ kind: 'merge', merge: 'm' })
  await until(() => scene.refusedMerges.length === 1, { what: 'the refusal' })
  expect(scene.refusedMerges).toMatchObject([{ outcome: 'refused', reason: 'it waits for your decision' }])
  await scene.answer('m1', 'deny', 'not so')
  const answer = { kind: 'answered', id: 'm1', decision: 'deny', text: 'not so' }
  expect(await scene.ended()).toEqual([answer, answer, 'declared'])
  expect([...scene.delivered]).toEqual(['uuid m1'])
  expect(scene.board.asked).toHaveLength(1)
})

test("a person's other word comes first; asked again with the same key, the answer that came meanwhile counts", async () => {
  const scene = await PersonScene.begin({ body: asksTwice })
  await scene.untilAsked(1)
  await scene.tell({ kind: 'message', id: 'x', text: 'wait', when: 'steer' })
  await until(() => scene.stages.length === 2, { what: 'the second wait' })
  await scene.answer('m1', 'approve')
  expect(await scene.ended()).toEqual([
    { kind: 'message', id: 'x', text: 'wait', when: 'steer' },
    { kind: 'answered', id: 'm1', decision: 'approve', text: '' },
    null,
  ])
  expect(scene.board.asked).toHaveLength(1)
})

test('a session whose person takes long is ended once', async () => {
  const clock = new ManualClock()
  const scene = await PersonScene.begin({ body: ask, clock })
  await until(() => clock.waiting > 0, { what: 'the wait' })
  await clock.advance(600_000)
  await until(() => scene.stops === 1, { what: 'the end of the session' })
  await scene.answer('m1', 'approve')
  expect(await scene.ended()).toMatchObject({ decision: 'approve' })
  expect(scene.stops).toBe(1)
})

function ask(life: TaskLife): Promise<Json> {
  const stage = (id: string) => ({ kind: 'at-gate', asks: [{ id, gate: 'review', why: 'May it?' }] }) as const
  return askPerson(life, { key: 'the question', message: { text: 'May it?' }, stage })
}

/** Both answers, and what news was kept. */
async function asksTwice(life: TaskLife): Promise<Json> {
  const answers = [await ask(life), await ask(life)]
  return [...answers, (await life.next(0))?.kind ?? null]
}
