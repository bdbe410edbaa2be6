import { expect, test } from 'vitest'
import { TaskScene } from '../../test/support/task-scene.ts'

test('what a person says while their merge is under way reaches the session', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a', 'spawned')
  await scene.endTurn('a', await scene.untilSaid('[orch task a]'))
  await scene.untilStage('a', 'in-review')
  scene.onCommand = (command) =>
    command === 'validate: check in /candidate' && void scene.tell('a', { kind: 'message', id: 'm', text: 'also this', when: 'steer' })
  await scene.tell('a', { kind: 'merge', merge: 'm1', validate: 'check' })
  await scene.untilSaid('also this')
  expect(scene.reports.get('a')).toMatchObject({ outcome: 'refused', code: 'halted' })
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
