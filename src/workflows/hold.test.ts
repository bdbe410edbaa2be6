import { expect, test } from 'vitest'
import { until } from '../../test/support/eventually.ts'
import { MailScene, PARK_AFTER_MS } from '../../test/support/mail/mail-scene.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import type { PermissionDecision, PermissionRequest } from '../domain/sessions/session-event.ts'

test('a session that waits for an answer for long is ended, and resumed with it', async () => {
  const { scene, clock } = await begin()
  await scene.asks('m1')
  await scene.endTurn()
  await scene.untilStage('waiting')
  await parked(scene, clock)
  await scene.mail('m2', { inReplyTo: 'm1' })
  await scene.untilHeard('[orch m2]')
  expect(scene.heard.slice(1)).toEqual([{ process: '1.2', id: 'uuid m2', text: '[orch m2]' }])
})

test('the same for one that its person leaves blocked', async () => {
  const { scene, clock } = await begin()
  await scene.declare('blocked', 'Which one?')
  await scene.untilStage('blocked')
  await parked(scene, clock)
  await clock.advance(10 * PARK_AFTER_MS)
  expect(scene.stops).toBe(1)
  await scene.tell({ kind: 'message', id: 'person', text: 'The first.', when: 'steer' })
  await scene.untilHeard('The first.')
  expect(scene.process).toBe('1.2')
})

test('tasks of earlier versions keep their process', async () => {
  const clock = new ManualClock()
  const scene = await MailScene.begin({ clock, isOlder: true })
  await scene.untilHeard('Read TASK.md')
  await scene.declare('blocked', 'Which one?')
  await scene.untilStage('blocked')
  expect(clock.waiting).toBe(0)
})

const npm: PermissionRequest = { id: 'r1', tool: 'Bash', summary: 'npm publish', at: 1, fingerprint: 'publish' }
const which: PermissionRequest = {
  id: 'r1',
  tool: 'AskUserQuestion',
  summary: 'Which?',
  at: 1,
  fingerprint: 'which',
  questions: [{ text: 'Which?', options: [{ label: 'JWT' }], isMultiple: false }],
}

test.each<[string, PermissionRequest, PermissionDecision, string]>([
  ['leave', npm, { kind: 'allow' }, 'Allowed: Bash: npm publish. Make the same call again'],
  ['a refusal', npm, { kind: 'deny', reason: 'not on Fridays' }, 'Denied: Bash: npm publish. Their reason: not on Fridays'],
  ['an answer', which, { kind: 'answer', answers: ['JWT'] }, 'You asked: Which? They answer: JWT'],
])(
  '%s for a process that was ended meanwhile is told to the next, and given once to the same call',
  async (_what, asked, decision, words) => {
    const { scene, clock } = await begin()
    await scene.asksLeave(asked)
    await parked(scene, clock)
    await scene.untilStage('waiting')
    expect(scene.stage).toEqual({ kind: 'waiting', for: [], asks: [asked] })
    await scene.mail('m1', { what: 'question' })
    await scene.tell({ kind: 'leave-decided', request: 'r1', decision })
    await scene.untilHeard(words)
    expect(scene.texts.join('\n')).not.toContain('ended unexpectedly')
    await scene.asksLeave({ ...asked, id: 'other', fingerprint: 'other' })
    await scene.asksLeave({ ...asked, id: 'again' })
    await scene.asksLeave({ ...asked, id: 'a third time' })
    await scene.mail('m2')
    await scene.untilHeard('[orch m2]')
    expect(scene.settled).toEqual([{ process: '1.2', requestId: 'again', decision }])
  },
)

test('a word that is given in time ends nothing', async () => {
  const { scene, clock } = await begin()
  await scene.asksLeave(npm)
  await until(() => clock.waiting > 0, { what: 'the wait' })
  await scene.tell({ kind: 'leave-answered', process: scene.process, request: 'r1' })
  await until(() => clock.waiting === 0, { what: 'the end of the wait' })
  await clock.advance(2 * PARK_AFTER_MS)
  expect(scene.stops).toBe(0)
})

test('a word that was given at the very moment is not waited for', async () => {
  const { scene, clock } = await begin()
  await scene.asksLeave(npm)
  await parked(scene, clock)
  await scene.tell({ kind: 'leave-answered', process: '1.1', request: 'r1' })
  await scene.untilHeard('Go on with TASK.md where you stopped')
  expect(scene.process).toBe('1.2')
})

test('of several requests each waits for its own word', async () => {
  const { scene, clock } = await begin()
  await scene.asksLeave(npm)
  await scene.asksLeave({ ...npm, id: 'r2', summary: 'npm unpublish', fingerprint: 'unpublish' })
  await scene.mail('m1')
  await scene.untilHeard('[orch m1]')
  await parked(scene, clock)
  await scene.tell({ kind: 'leave-decided', request: 'r1', decision: { kind: 'allow' } })
  await until(() => scene.stage?.kind === 'waiting' && scene.stage.asks?.length === 1, { what: 'one request left' })
  await scene.tell({ kind: 'leave-decided', request: 'r2', decision: { kind: 'deny', reason: 'no' } })
  await scene.untilHeard('Allowed: Bash: npm publish')
  expect(scene.texts.at(-1)).toContain('Denied: Bash: npm unpublish')
})

test('a permission that nobody used in its turn is gone', async () => {
  const { scene, clock } = await begin()
  await scene.asksLeave(npm)
  await parked(scene, clock)
  await scene.tell({ kind: 'leave-decided', request: 'r1', decision: { kind: 'allow' } })
  await scene.untilHeard('Allowed:')
  await scene.endTurn()
  await scene.untilStage('idle')
  await scene.mail('m1', { what: 'note' })
  await scene.untilHeard('[orch m1]')
  await scene.asksLeave({ ...npm, id: 'later' })
  await until(() => clock.waiting > 0, { what: 'the wait for the person' })
  expect(scene.settled).toEqual([])
})

async function begin(): Promise<{ scene: MailScene; clock: ManualClock }> {
  const clock = new ManualClock()
  const scene = await MailScene.begin({ clock })
  await scene.untilHeard('Read TASK.md')
  return { scene, clock }
}

/** The time passes that a process is kept. */
async function parked(scene: MailScene, clock: ManualClock): Promise<void> {
  await until(() => clock.waiting > 0, { what: 'the wait' })
  const before = scene.stops
  await clock.advance(PARK_AFTER_MS)
  await until(() => scene.stops > before, { what: 'the end of the process' })
}
