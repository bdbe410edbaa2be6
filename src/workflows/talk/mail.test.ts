import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { MailScene, NUDGE_AFTER_MS } from '../../../test/support/mail/mail-scene.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { BoardMessage } from '../../domain/board/message.ts'

test('mail is said to a busy session at once, once, as a message of its own', async () => {
  const scene = await MailScene.begin()
  await scene.untilHeard('Read TASK.md')
  await scene.mail('m1', { what: 'context', wakes: false })
  await scene.untilHeard('[orch m1]')
  await scene.tell({ kind: 'mail', id: 'uuid m1', message: 'm1', what: 'context', from: 'app.b', text: '[orch m1]', wakes: false })
  await scene.mail('m2')
  await scene.untilHeard('[orch m2]')
  expect(scene.heard.slice(1)).toMatchObject([
    { id: 'uuid m1', text: '[orch m1]' },
    { id: 'uuid m2', text: '[orch m2]' },
  ])
  expect(scene.written.filter((id) => id === 'uuid m1')).toHaveLength(1)
})

test('mail to an idle session begins a turn', async () => {
  const scene = await MailScene.begin()
  await scene.untilHeard('Read TASK.md')
  await scene.endTurn()
  await scene.untilStage('idle')
  await scene.mail('m1', { what: 'note', wakes: false })
  await scene.untilHeard('[orch m1]')
  expect(scene.stage).toMatchObject({ kind: 'in-session' })
})

test('a turn that ends with an open question waits for its answer, without a seat and without a reminder', async () => {
  const clock = new ManualClock()
  const scene = await MailScene.begin({ clock })
  await scene.untilHeard('Read TASK.md')
  await scene.asks('m1')
  await scene.endTurn()
  await scene.untilStage('waiting')
  expect(scene.stage).toEqual({
    kind: 'waiting',
    for: [{ message: 'm1', what: 'question', to: ['app.pay.backend'], text: 'what of m1?' }],
  })
  await clock.advance(2 * NUDGE_AFTER_MS)
  await scene.mail('m2', { what: 'context', wakes: false })
  await scene.mail('m3', { inReplyTo: 'm1' })
  await scene.untilHeard('[orch m3]')
  expect(scene.texts.slice(1)).toEqual(['[orch m2]', '[orch m3]'])
  expect(scene.began).toHaveLength(1)
})

test('with one of two answers it goes on, and then waits for the other', async () => {
  const scene = await MailScene.begin()
  await scene.untilHeard('Read TASK.md')
  await scene.asks('m1')
  await scene.asks('m2', ['human'])
  await scene.endTurn()
  await scene.untilStage('waiting')
  await scene.mail('m3', { inReplyTo: 'm1' })
  await scene.untilHeard('[orch m3]')
  await scene.endTurn()
  await scene.untilStage('waiting')
  expect(scene.stage).toMatchObject({ for: [{ message: 'm2' }] })
})

test('who has declared its work done waits for nobody', async () => {
  const scene = await MailScene.begin()
  scene.uncommitted = []
  await scene.untilHeard('Read TASK.md')
  await scene.asks('m1')
  await scene.declare('done')
  await scene.untilStage('in-review')
})

test('who finishes without having answered is reminded once, and keeps its declaration', async () => {
  const scene = await MailScene.begin()
  scene.uncommitted = []
  await scene.untilHeard('Read TASK.md')
  scene.open = [{ id: 'm1', kind: 'question', from: 'app.b', text: 'which port?' }]
  await scene.mail('m1', { what: 'question' })
  await scene.mail('m2', { what: 'question' })
  await scene.untilHeard('[orch m2]')
  await scene.declare('done', 'all of it')
  await scene.untilHeard('orch answer m1')
  expect(scene.texts.at(-1)).not.toContain('m2')
  await scene.endTurn()
  await scene.untilStage('in-review')
})

test('an answer that came before its question was taken down is no reason to wait', async () => {
  const scene = await MailScene.begin()
  scene.uncommitted = []
  await scene.untilHeard('Read TASK.md')
  await scene.mail('m2', { inReplyTo: 'm1' })
  await scene.untilHeard('[orch m2]')
  await scene.asks('m1')
  await scene.endTurn()
  await scene.untilStage('in-review')
})

test('woken in review, a session that commits nothing new returns there, and what does not wake is heard with it', async () => {
  const scene = await MailScene.begin()
  scene.uncommitted = []
  await scene.untilHeard('Read TASK.md')
  await scene.declare('done')
  await scene.untilStage('in-review')
  await scene.mail('m1', { what: 'offer', wakes: false })
  await scene.mail('m2', { what: 'question' })
  await scene.untilHeard('[orch m2]')
  expect(scene.texts.slice(1)).toEqual(['[orch m1]', '[orch m2]'])
  await scene.endTurn()
  await until(() => scene.stages.filter(({ kind }) => kind === 'in-review').length === 2, { what: 'the review again' })
})

test('mail that comes during the validation wakes the session once the task is in review', async () => {
  const scene = await MailScene.begin()
  scene.uncommitted = []
  await scene.untilHeard('Read TASK.md')
  await scene.tell({ kind: 'declared', what: 'done', commit: scene.head, message: '' })
  await Promise.all([scene.endTurn(), scene.mail('m1', { what: 'question' })])
  await scene.untilHeard('[orch m1]')
})

test('work that waits at a gate keeps nobody else waiting', async () => {
  const scene = await MailScene.begin({ isGated: true })
  scene.uncommitted = []
  await scene.untilHeard('Read TASK.md')
  await scene.declare('done')
  await scene.untilStage('at-gate')
  await scene.mail('m1', { what: 'question' })
  await scene.untilHeard('[orch m1]')
  await scene.endTurn()
  await scene.untilStage('at-gate')
  await scene.mail('m2', { from: 'human', inReplyTo: 'gate', decision: 'approve' })
  await scene.untilStage('in-review')
  expect(scene.texts).toHaveLength(2)
})

test('a blocked session is woken by a question and is blocked again after it', async () => {
  const scene = await MailScene.begin()
  await scene.untilHeard('Read TASK.md')
  await scene.declare('blocked', 'Which one?')
  await scene.untilStage('blocked')
  scene.uncommitted = []
  await scene.mail('m1', { what: 'question' })
  await scene.untilHeard('[orch m1]')
  await scene.endTurn()
  await until(() => scene.stages.filter(({ kind }) => kind === 'blocked').length === 2, { what: 'blocked again' })
  await scene.tell({ kind: 'message', id: 'person', text: 'The first.', when: 'steer' })
  await scene.untilHeard('The first.')
  await scene.endTurn()
  await scene.untilStage('in-review')
})

test('an answer of the person on the board ends a block for good', async () => {
  const scene = await MailScene.begin()
  await scene.untilHeard('Read TASK.md')
  await scene.declare('blocked', 'Which one?')
  await scene.untilStage('blocked')
  scene.uncommitted = []
  await scene.mail('m2', { from: 'human', inReplyTo: 'm1' })
  await scene.untilHeard('[orch m2]')
  expect(scene.texts).toHaveLength(2)
  await scene.endTurn()
  await scene.untilStage('in-review')
})

test.each(['pause', 'stop'] as const)('mail never overrules a %s', async (kind) => {
  const scene = await MailScene.begin()
  await scene.untilHeard('Read TASK.md')
  await scene.asks('m1')
  await scene.endTurn()
  await scene.untilStage('waiting')
  await scene.tell({ kind })
  await scene.untilStage('paused')
  await scene.mail('m2', { inReplyTo: 'm1' })
  await scene.mail('m3', { what: 'conflict' })
  await scene.tell({ kind: 'resume' })
  await scene.untilHeard('[orch m3]')
  expect(scene.texts.slice(1)).toEqual([expect.stringContaining('Go on with TASK.md'), '[orch m2]', '[orch m3]'])
})

test('what was decided before is told with the first prompt', async () => {
  const scene = new MailScene()
  scene.decisions = [{ id: 'm4', text: 'Use JWT', because: 'simple' } as BoardMessage, { id: 'm5', text: 'Told as mail' } as BoardMessage]
  await scene.launch()
  await scene.mail('m5', { what: 'decision', wakes: false })
  await scene.untilHeard('[orch m5]')
  expect(scene.texts[0]).toContain('Decisions in force; keep to them:\n- m4: Use JWT (because simple)')
})

/*
 * A session asks, waits, is answered, works and is done, and is asked once more in review.
 */
test('killed at any write it hears everything once, and ends in review', { timeout: 240_000 }, async () => {
  const calm = await livedThrough(Infinity)
  expect(calm.isKilled).toBe(false)
  let points = 0
  for (let isKilled = true; isKilled; points += SIDE_BY_SIDE) {
    const lives = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, index) => livedThrough(points + index + 1)))
    for (const life of lives) expect(life.texts, `death at write ${life.write}`).toEqual(calm.texts)
    isKilled = lives.every((life) => life.isKilled)
  }
  expect(points).toBeGreaterThan(30)
})

const SIDE_BY_SIDE = 4

async function livedThrough(write: number): Promise<{ write: number; isKilled: boolean; texts: readonly string[] }> {
  const scene = new MailScene({ react: answersAndAsks })
  scene.uncommitted = []
  await scene.launch(write)
  const isOver = () => scene.texts.includes('[orch m3]') && scene.stage?.kind === 'in-review'
  await until(() => scene.isDead || isOver(), { what: `death at write ${write}, or the end`, deadlineMs: 60_000 })
  const isKilled = scene.isDead
  await scene.die()
  scene.stages.length = 0
  await scene.launch()
  await until(isOver, { what: `the end after death at write ${write}`, deadlineMs: 60_000 }).catch((cause: unknown) => {
    throw new Error(`after death at write ${write}: ${JSON.stringify([scene.stages, scene.heard])}`, { cause })
  })
  await scene.die()
  return { write, isKilled, texts: scene.texts }
}

function answersAndAsks(text: string, scene: MailScene): void {
  void act(text, scene).catch(() => undefined)
}

async function act(text: string, scene: MailScene): Promise<void> {
  if (text.includes('Read TASK.md')) {
    await scene.asks('m1')
    await scene.endTurn()
    await scene.mail('m2', { inReplyTo: 'm1' })
  } else if (text.includes('m2')) {
    await scene.tell({ kind: 'declared', what: 'done', commit: scene.head, message: '' }, 'done')
    await scene.endTurn()
    await scene.mail('m3', { what: 'question' })
  } else await scene.endTurn()
}
