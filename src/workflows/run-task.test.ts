import { expect, test } from 'vitest'
import { until } from '../../test/support/eventually.ts'
import { TaskScene } from '../../test/support/task-scene.ts'
import type { Stage } from '../domain/tasks/stage.ts'

test('a failure of the world is shown, holds nothing, and the person may try again', async () => {
  const scene = await TaskScene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  expect(scene.stages.get('a')).toMatchObject({
    code: 'disk-full',
    reason: 'setup: no space',
    next: expect.stringContaining('orch resume app.a'),
  })
  scene.failing.delete('setup')
  await scene.tell('a', { kind: 'resume' })
  await scene.untilStage('a', 'manual')
})

test('a landing that cannot even be offered is refused, and nobody else is held up', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a')
  await scene.start('b')
  await scene.untilStage('a', 'manual')
  await scene.untilStage('b', 'manual')
  scene.failing.add('queue')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.reports.get('a')?.outcome === 'refused', { what: 'the refusal of a' })
  expect(scene.reports.get('a')).toMatchObject({ code: 'disk-full' })
  scene.failing.delete('queue')
  await scene.tell('b', { kind: 'merge', merge: 'm2' })
  await scene.untilStage('b', 'merged')
  await scene.tell('a', { kind: 'merge', merge: 'm3' })
  await scene.untilStage('a', 'merged')
})

test('a landing is reported when the task is seen as merged, so that a cleanup may follow', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  const seen: (Stage['kind'] | undefined)[] = []
  scene.onReport = ({ outcome }) => outcome === 'landed' && seen.push(scene.stages.get('a')?.kind)
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => seen.length > 0, { what: 'the report' })
  expect(seen).toEqual(['merged'])
})

test('what fails after the landing takes nothing back and is told', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  scene.failing.add('tick')
  scene.failing.add('stop')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await scene.untilStage('a', 'merged')
  expect(scene.notes.join('\n')).toMatch(/could not stop the session: stop: no space[\s\S]*could not tick the box: tick: no space/)
})

test('what was left out of the worktree is told once, and its state is known before the first turn', async () => {
  const scene = await TaskScene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  expect(scene.notes).toEqual(['starts from the local main: offline', '.env was not copied: too large'])
  expect(scene.facts).toMatchObject({ lastCommit: { subject: 'Begin' }, uncommitted: 0 })
})

test('the base stays what it was, whatever lands meanwhile', async () => {
  const scene = await TaskScene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  scene.base = 'f'.repeat(40)
  scene.failing.clear()
  await scene.tell('a', { kind: 'resume' })
  await scene.untilStage('a', 'manual')
  expect(new Set(scene.ensuredFrom)).toEqual(new Set(['b'.repeat(40)]))
})

test('a task that is given up in its trouble ends as archived', async () => {
  const scene = await TaskScene.begin()
  scene.failing.add('setup')
  await scene.start('a')
  await scene.untilStage('a', 'failed')
  await scene.tell('a', { kind: 'discard', reason: 'not wanted' })
  await scene.untilStage('a', 'archived')
})

test('a task that is made known and not started yet keeps none of the others from hearing of a landing', async () => {
  const scene = await TaskScene.begin()
  await scene.start('a')
  await scene.start('b')
  await scene.untilStage('a', 'manual')
  scene.dependents = ['app.unstarted#1', 'app.b#1']
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  expect(await scene.ended('a')).toEqual({ kind: 'landed', commit: 'd'.repeat(40) })
})
