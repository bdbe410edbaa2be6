import { expect, test } from 'vitest'
import { PersonScene, type PersonSceneOptions } from '../../../test/support/gates/person-scene.ts'
import type { Ownership } from '../../domain/features/department.ts'
import type { Trespass } from '../../domain/features/ownership.ts'
import type { Json } from '../../ports/engine.ts'
import type { TaskLife } from '../life/task-life.ts'
import { withinOwnership } from './ownership.ts'

const theirs: Trespass = { path: 'src/api/users.ts', owner: 'backend', isContract: false }

test('deny: the commit goes back with what is whose and what to type', async () => {
  const scene = await begin('deny', { trespasses: [theirs, { path: 'package.json', isContract: false }] })
  const [found] = (await scene.ended()) as [{ kind: string; prompt: string; reason: string }]
  expect(found).toMatchObject({ kind: 'objection', reason: 'it changes what is not its own: src/api/users.ts (of backend), package.json' })
  expect(found.prompt).toMatch(/belongs to backend.*orch need backend/)
  expect(found.prompt).toMatch(/package.json is outside.*orch ask human/)
  expect(found.prompt).toContain('git checkout bbbbbbbbbb -- <path>')
})

test('ask: the person is asked once for each commit, and what was allowed is not asked about again', async () => {
  const scene = await begin('ask', { trespasses: [theirs] }, ['c1', 'c1', 'c2'])
  await scene.untilAsked(1)
  expect(scene.board.asked[0]?.message).toMatchObject({
    kind: 'escalation',
    gate: 'ownership',
    about: { commit: 'c1', paths: ['src/api/users.ts'] },
  })
  await scene.answer('m1', 'approve')
  expect(await scene.ended()).toEqual([{ kind: 'clear' }, { kind: 'clear' }, { kind: 'clear' }])
  expect(scene.board.asked).toHaveLength(1)
})

test('ask: a no goes to the session with the words of the person', async () => {
  const scene = await begin('ask', { trespasses: [theirs] })
  await scene.untilAsked(1)
  await scene.answer('m1', 'deny', 'ask them first')
  expect(await scene.ended()).toEqual([expect.objectContaining({ kind: 'objection', prompt: expect.stringContaining('ask them first') })])
})

test('warn: it is told and lands', async () => {
  const scene = await begin('warn', { trespasses: [theirs] })
  expect(await scene.ended()).toEqual([{ kind: 'clear' }])
  expect(scene.notes).toEqual(['it changes what is not its own: src/api/users.ts (of backend)'])
})

test('a task without bounds is not looked at', async () => {
  const scene = await PersonScene.begin({ body: async (life) => asJson([await withinOwnership(life, 'c1')]), trespasses: [theirs] })
  expect(await scene.ended()).toEqual([{ kind: 'clear' }])
})

function begin(mode: Ownership, options: Partial<PersonSceneOptions>, commits: readonly string[] = ['c1']): Promise<PersonScene> {
  const body = async (life: TaskLife): Promise<Json> => {
    await life.fixBase()
    const found = []
    for (const commit of commits) found.push(await withinOwnership(life, commit))
    return asJson(found)
  }
  const task = { id: 'a', title: 'a', body: '', needs: [], owns: ['src/web/**'] }
  return PersonScene.begin({ body, settings: { ownership: mode }, input: { task }, ...options })
}

function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value))
}
