import { expect, test } from 'vitest'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { RequestParts } from '../requests/parts.ts'
import { requireAttachable } from './attachable.ts'

const refused: readonly (readonly [string, Scene, string, string])[] = [
  ['a landed task', { stage: { kind: 'merged', commit: 'c' } }, 'it is over', 'orch logs app.a'],
  ['one that waits for others', { stage: { kind: 'waiting-for-needs', needs: ['b'], failed: [] } }, 'no session yet', 'orch monitor'],
  ['one whose work is being tested', { stage: { kind: 'validating', commit: 'c' } }, 'being judged', 'orch pause app.a'],
  ['one in the queue', { stage: { kind: 'waiting-to-land' } }, 'in the queue', 'orch queue remove app.a'],
  ['one whose run has ended', { hasEnded: true }, 'its run has ended', 'orch resume app.a'],
  ['one that never had a session', { hasProcess: false }, 'no session yet', 'orch monitor'],
  ['a session of their own', { input: { kind: 'manual' } }, 'a session of your own', 'orch monitor'],
  ['a contest', { input: { contest: { attempts: [] } } }, 'its attempts', 'orch attach app.a.1'],
  ['a feature', { input: { feature: { departments: [{ name: 'api' }] } } }, 'its departments', 'orch attach app.a.api'],
  ['the session of a command', { agent: {} }, 'no terminal of its own', 'orch logs app.a -f'],
]

test.each(refused)('%s cannot be had, and the answer says what to do', (_what, scene, reason, next) => {
  const failure = failureOf(scene)
  expect(failure).toMatchObject({ code: 'not-attachable', safe: 'nothing was changed' })
  expect(failure?.message).toContain(reason)
  expect(failure?.next).toContain(next)
})

test.each<Stage>([
  { kind: 'in-session' },
  { kind: 'idle' },
  { kind: 'blocked', question: 'which?' },
  { kind: 'in-review', reason: 'finished' },
  { kind: 'parked', reason: 'limit', until: 1 },
  { kind: 'paused', by: 'stop' },
  { kind: 'failed', code: 'x', reason: 'x', next: 'x' },
])('a session can be had while it is $kind', (stage) => {
  expect(failureOf({ stage })).toBeUndefined()
})

interface Scene {
  readonly stage?: Stage
  readonly input?: object
  readonly agent?: object
  readonly hasEnded?: boolean
  readonly hasProcess?: boolean
}

function failureOf(scene: Scene): { message: string; next?: string } | undefined {
  const { stage = { kind: 'idle' }, input = {}, agent = { lend: () => undefined }, hasEnded = false, hasProcess = true } = scene
  const parts = {
    engine: { get: () => (hasEnded ? { endedAt: 1 } : {}) },
    roster: { stage: () => stage, status: () => (hasProcess ? { process: { folder: '/f' } } : {}) },
    agentOf: () => agent,
  } as unknown as RequestParts
  const task = { handle: 'app.a', kind: 'spawned', ...input } as unknown as TaskInput
  try {
    requireAttachable(parts, { runId: 'r', generation: 1, input: task })
    return undefined
  } catch (error) {
    return error as { message: string; next?: string }
  }
}
