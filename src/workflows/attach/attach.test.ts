import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { MailScene, PARK_AFTER_MS } from '../../../test/support/mail/mail-scene.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { PermissionRequest } from '../../domain/sessions/session-event.ts'

const QUIET = { isTouched: false, isTorn: false }
const RETURNED = 'given it back'

test('the running turn is waited for, and afterwards the session goes on', async () => {
  const scene = await working()
  await scene.attach('a')
  await scene.tell({ kind: 'message', id: 'word', text: 'Before you stop.', when: 'steer' })
  await scene.untilHeard('Before you stop.')
  expect(scene.stage).toEqual({ kind: 'in-session' })
  await scene.endTurn()
  await scene.untilStage('attached')
  expect(scene.stage).toMatchObject({ by: 'a', client: { pid: 1 } })
  await scene.giveBack()
  await scene.untilHeard(RETURNED)
  expect(scene.began).toEqual(['1.1', '1.3'])
})

test('who does not wait ends the turn, and it is none that is judged', async () => {
  const scene = await working()
  scene.uncommitted = []
  await scene.attach('a', true)
  await until(() => scene.interrupts.length > 0, { what: 'the interruption' })
  await scene.tell({ kind: 'turn-ended', process: '1.1', outcome: { kind: 'interrupted' }, heard: [] })
  await scene.untilStage('attached')
  await scene.giveBack(QUIET)
  await scene.untilHeard('Go on with TASK.md')
  expect(scene.texts.join()).not.toContain(RETURNED)
})

test('what waits for the person waits on where they said nothing there', async () => {
  const scene = await blocked()
  await scene.attach('a')
  await scene.untilStage('attached')
  await scene.giveBack(QUIET)
  await scene.untilStage('blocked')
  expect(scene.began).toEqual(['1.1'])
})

test('finished work that moved in the terminal is looked at without a session', async () => {
  const scene = await working()
  scene.uncommitted = []
  await scene.declare('done')
  await scene.untilStage('in-review')
  await scene.attach('a')
  await scene.untilStage('attached')
  const before = scene.stages.length
  await scene.giveBack()
  await until(() => scene.stages.slice(before).some(({ kind }) => kind === 'in-review'), { what: 'it is in review again' })
  expect(scene.began).toEqual(['1.1'])
})

test.each([
  ['done', 'in-review'],
  ['blocked', 'blocked'],
] as const)('the word %s that was said in the terminal counts when it is given back', async (what, stage) => {
  const scene = await blocked()
  await scene.attach('a')
  await scene.untilStage('attached')
  scene.uncommitted = []
  await scene.tell({ kind: 'declared', what, commit: scene.head, message: 'so it is' })
  await scene.giveBack()
  await scene.untilStage(stage)
  expect(scene.began).toEqual(['1.1'])
})

test('what others and the person say meanwhile is heard afterwards, once', async () => {
  const scene = await blocked()
  await scene.attach('a')
  await scene.untilStage('attached')
  await scene.mail('m1', { what: 'question' })
  await scene.tell({ kind: 'message', id: 'person', text: 'The first.', when: 'steer' })
  await scene.giveBack(QUIET)
  await scene.untilHeard('The first.')
  await scene.untilHeard('[orch m1]')
  expect(scene.texts.filter((text) => text === '[orch m1]' || text === 'The first.')).toHaveLength(2)
})

test('a session that asks for leave can be had at once, and what it asked is answerable', async () => {
  const npm: PermissionRequest = { id: 'r1', tool: 'Bash', summary: 'npm publish', at: 1, fingerprint: 'publish' }
  const scene = await working()
  await scene.asksLeave(npm)
  await scene.attach('a')
  await scene.untilStage('attached', 'npm publish')
  await scene.tell({ kind: 'leave-decided', request: 'r1', decision: { kind: 'allow' } })
  await until(() => scene.stage?.kind === 'attached' && scene.stage.asks === undefined, { what: 'nothing is asked any more' })
  await scene.giveBack(QUIET)
  await scene.untilHeard('Allowed: Bash: npm publish')
})

test('a client that has gone meanwhile changes nothing', async () => {
  const scene = await working()
  scene.gone.add('a')
  await scene.attach('a')
  await scene.endTurn()
  await scene.untilHeard('Go on with TASK.md')
  expect(scene.stages.map(({ kind }) => kind)).not.toContain('attached')
  expect(scene.process).toBe('1.1')
})

test('a stop from elsewhere ends it there, and what was left is looked at when it goes on', async () => {
  const scene = await blocked()
  await scene.attach('a')
  await scene.untilStage('attached')
  await scene.tell({ kind: 'stop' })
  await scene.untilStage('paused')
  expect(scene.began).toEqual(['1.1'])
  await scene.tell({ kind: 'resume' })
  await scene.untilHeard(RETURNED)
})

test('a session that is held for long can be had, and a daemon that dies with it in a terminal waits on', async () => {
  const clock = new ManualClock()
  const scene = await MailScene.begin({ clock })
  await scene.untilHeard('Read TASK.md')
  await scene.declare('blocked', 'Which one?')
  await scene.untilStage('blocked')
  await until(() => clock.waiting > 0, { what: 'the wait' })
  await clock.advance(PARK_AFTER_MS)
  await until(() => scene.stops === 1, { what: 'its process is ended' })
  await scene.attach('a')
  await scene.untilStage('attached')
  await scene.die()
  await scene.launch()
  await scene.untilStage('attached')
  await scene.giveBack()
  await scene.untilHeard(RETURNED)
  expect(scene.began).toEqual(['1.1', '1.3'])
})

test('wherever the daemon dies, one process has the conversation and each word is heard once', async () => {
  for (let write = 1; ; write++) {
    const scene = new MailScene()
    const survive = async (): Promise<void> => {
      if (!scene.isDead) return
      await scene.die()
      await scene.launch()
    }
    const step = async (act: Promise<unknown>, isThere: () => unknown, what: string): Promise<void> => {
      await act
      await until(async () => (await survive(), isThere()), { what: `${what}, dying at write ${write}` })
    }
    await scene.launch(write)
    await step(Promise.resolve(), () => scene.texts.some((text) => text.includes('Read TASK.md')), 'the first prompt')
    await step(scene.attach('a'), () => true, 'the wish')
    await step(scene.endTurn(), () => scene.stage?.kind === 'attached', 'the terminal')
    const hasDied = scene.lives > 1
    await step(scene.mail('m1'), () => true, 'mail')
    await step(scene.giveBack(), () => scene.texts.includes('[orch m1]'), 'the mail is heard')
    expect(scene.texts.filter((text) => text.includes(RETURNED))).toHaveLength(1)
    expect(scene.texts.filter((text) => text === '[orch m1]')).toHaveLength(1)
    const isOver = scene.lives === 1
    await scene.die()
    if (isOver && !hasDied) return
  }
})

async function working(): Promise<MailScene> {
  const scene = await MailScene.begin()
  await scene.untilHeard('Read TASK.md')
  return scene
}

async function blocked(): Promise<MailScene> {
  const scene = await working()
  await scene.declare('blocked', 'Which one?')
  await scene.untilStage('blocked')
  return scene
}
