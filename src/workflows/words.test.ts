import { expect, test } from 'vitest'
import { until } from '../../test/support/eventually.ts'
import { TaskScene } from '../../test/support/task-scene.ts'

test('what a person says while their merge is under way reaches the session', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a', 'spawned')
  await scene.endTurn('a', await scene.untilSaid('[orch task a]'))
  await scene.untilStage('a', 'in-review')
  scene.outcomes.push('open')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.offers.length === 1, { what: 'the offer' })
  await scene.tell('a', { kind: 'message', id: 'm', text: 'also this', when: 'steer' })
  await scene.untilSaid('also this')
  expect(scene.reports.get('a')).toMatchObject({ outcome: 'refused', code: 'halted' })
})

test('what a person said and a conversation that cannot go on did not read is said to the next one, and nothing of orch', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a', 'spawned')
  const process = await scene.untilSaid('[orch task a]')
  await scene.tell('a', { kind: 'message', id: 'm', text: 'also this', when: 'steer' })
  await scene.untilSaid('also this')
  scene.left = { isResumed: false, unread: scene.said.map(({ id }) => id) }
  const outcome = { kind: 'model-failed', cause: 'prompt-too-long', message: '' } as const
  await scene.tell('a', { kind: 'turn-ended', process, outcome, heard: [] })
  await until(() => scene.said.filter(({ id }) => id === 'm').length === 2, { what: 'the next conversation hears it' })
  const said = scene.said.slice(2)
  expect(said.map(({ process: to }) => to)).toEqual(['2.2', '2.2'])
  expect(said[0]?.text).toContain('An earlier session of this task worked here')
})

test('what could not be said is said to the next process', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a', 'spawned')
  await scene.untilSaid('[orch task a]')
  scene.failing.add('say')
  await scene.tell('a', { kind: 'message', id: 'm', text: 'also this', when: 'steer' })
  await scene.untilStage('a', 'failed')
  scene.failing.clear()
  await scene.tell('a', { kind: 'resume' })
  await scene.untilSaid('also this')
  expect(scene.said.map(({ process, id }) => `${process} ${id}`)).toEqual([
    expect.stringMatching(/^1\.1 /),
    expect.stringMatching(/^1\.2 /),
    '1.2 m',
  ])
})
