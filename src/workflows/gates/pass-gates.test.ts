import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { PersonsBoard, PersonScene, type PersonSceneOptions } from '../../../test/support/gates/person-scene.ts'
import type { GateFinding } from '../../domain/gates/gate.ts'
import type { Json } from '../../ports/engine.ts'
import type { TaskLife } from '../life/task-life.ts'
import { passGates } from './pass-gates.ts'

const AUTH: GateFinding = { gate: 'auth', why: 'changes auth/a.ts', paths: ['auth/a.ts'], content: 'auth 1' }
const MONEY: GateFinding = { gate: 'money', why: 'has cost $21.00, over $20.00', paths: [], content: 'once' }
const settings = { gates: [{ name: 'auth', paths: ['auth/'] }] }

test('a task without gates does not even look', async () => {
  const scene = await PersonScene.begin({ body: passing('one'), findings: () => [AUTH] })
  expect(await scene.ended()).toEqual([{ kind: 'clear' }])
  expect([scene.looks, scene.stages]).toEqual([0, []])
})

test('every finding is asked, and all must be approved', async () => {
  const scene = await PersonScene.begin({ body: passing('one'), settings, findings: () => [AUTH, MONEY] })
  await scene.untilAsked(2)
  expect(scene.board.asked.map(({ message }) => message)).toMatchObject([
    { gate: 'auth', about: { commit: 'one', paths: ['auth/a.ts'] }, options: ['approve', 'deny'] },
    { gate: 'money', text: 'This work stops at the gate "money": it has cost $21.00, over $20.00.' },
  ])
  await scene.answer('m2', 'approve')
  const open = [{ id: 'm1', gate: 'auth', why: 'changes auth/a.ts' }]
  await until(() => JSON.stringify(scene.stages.at(-1)) === JSON.stringify({ kind: 'at-gate', asks: open }), { what: 'one left' })
  await scene.answer('m1', 'approve')
  expect(await scene.ended()).toEqual([{ kind: 'clear' }])
})

test('one no is enough, and its reason goes to the session', async () => {
  const scene = await PersonScene.begin({ body: passing('one'), settings, findings: () => [AUTH, MONEY] })
  await scene.untilAsked(2)
  await scene.answer('m1', 'deny', 'use the library')
  const [clearance] = (await scene.ended()) as unknown as [{ kind: string; prompt: string }]
  expect(clearance).toMatchObject({ kind: 'denied' })
  expect(clearance.prompt).toContain('- auth (it changes auth/a.ts): use the library')
})

test('an approval counts as long as what was found is the same; a question that no longer fits is taken back', async () => {
  const contents = new Map([
    ['one', [AUTH]],
    ['two', [AUTH, MONEY]],
    ['three', [{ ...AUTH, content: 'auth 2' }]],
    ['four', []],
  ])
  const body = passing('one', 'two', 'three', 'four')
  const scene = await PersonScene.begin({ body, settings, findings: (commit) => contents.get(commit) ?? [] })
  await scene.untilAsked(1)
  await scene.answer('m1', 'approve')
  await scene.untilAsked(2)
  expect(scene.board.asked.map(({ message }) => message.gate)).toEqual(['auth', 'money'])
  // Instead of answering the person says something, and the work is changed.
  await scene.tell({ kind: 'message', id: 'x', text: 'cheaper', when: 'steer' })
  await until(() => scene.board.takenBack.length > 0, { what: 'the question is taken back' })
  expect(scene.board.takenBack).toEqual(['m2'])
  expect(scene.board.asked).toHaveLength(3)
  await scene.tell({ kind: 'pause' })
  expect(await scene.ended()).toMatchObject([{ kind: 'clear' }, { kind: 'message' }, { kind: 'pause' }, { kind: 'clear' }])
  expect(scene.board.takenBack).toEqual(['m2', 'm3'])
})

test('giving the task up ends the wait', async () => {
  const scene = await PersonScene.begin({ body: passing('one'), settings, findings: () => [AUTH] })
  await scene.untilAsked(1)
  await scene.tell({ kind: 'discard', reason: 'no' })
  await expect(scene.ended()).rejects.toMatchObject({ code: 'discarded' })
})

test('whichever write of the journal a daemon dies at, each finding is asked once and settled once', { timeout: 120_000 }, async () => {
  let points = 0
  for (let write = 1, hasDied = true; hasDied; write += 1) {
    for (const side of ['before', 'after'] as const) {
      hasDied = await endsWell({ write, side })
      if (hasDied) points += 1
    }
  }
  expect(points).toBeGreaterThan(15)
})

/** Whether it died at all. */
async function endsWell(death: NonNullable<PersonSceneOptions['death']>): Promise<boolean> {
  const at = `${death.side} write ${death.write}`
  const board = new PersonsBoard()
  const options = { body: passing('one', 'two'), settings, board, findings: () => [AUTH, MONEY] }
  const first = await PersonScene.begin({ ...options, death })
  const calm = decide(first)
  calm.catch(() => undefined)
  const ends = await Promise.race([first.died.then(() => undefined), calm])
  const last = ends === undefined ? await PersonScene.begin({ ...options, folder: first.leftBehind() }) : first
  const both = ends ?? (await decide(last))
  expect(both, at).toMatchObject([{ kind: 'denied' }, { kind: 'denied' }])
  expect(
    board.asked.map(({ id }) => id),
    at,
  ).toEqual(['m1', 'm2'])
  expect(board.takenBack, at).toEqual([])
  await Promise.all([first.engine.close(), last.engine.close()])
  return ends === undefined
}

/** The person approves the money and denies the rest; who was not heard before the crash is carried to the run again. */
async function decide(scene: PersonScene): Promise<Json> {
  await until(() => scene.isDead || scene.board.asked.length === 2, { what: 'the questions' })
  await scene.answer('m2', 'approve')
  await scene.answer('m1', 'deny', 'no')
  return scene.ended()
}

function passing(...commits: readonly string[]): (life: TaskLife) => Promise<Json> {
  return async (life) => {
    await life.fixBase()
    const clearances: Json[] = []
    for (const commit of commits) clearances.push(await passGates(life, commit))
    return clearances
  }
}
