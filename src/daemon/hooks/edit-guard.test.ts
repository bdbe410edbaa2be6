import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { homeAt } from '../../config/home.ts'
import type { Ownership } from '../../domain/features/department.ts'
import type { Agent, EditHook } from '../../ports/agent.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { makeApp, type AppParts } from '../http/app.ts'
import type { Roster } from '../services/roster.ts'
import { EditGuard } from './edit-guard.ts'
import { PermittedEdits } from './permitted-edits.ts'

test('a session asks at an address that only it knows, and that the next daemon knows again', async () => {
  const scene = new Scene('deny')
  const url = scene.guard().urlOf(scene.input)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:4000\/v1\/hooks\/[\w.-]{40,}$/)
  const next = scene.guard()
  expect(next.urlOf(scene.input)).toBe(url)
  const path = new URL(url ?? '').pathname
  const answer = await scene.post(next, path, 'src/api/users.ts')
  expect(answer).toMatchObject({ status: 200, body: { kind: 'deny' } })
  expect(JSON.stringify(answer.body)).toContain('orch ask backend')
  expect(scene.notes).toEqual([expect.stringContaining('an edit was stopped: src/api/users.ts belongs to backend')])
  await scene.post(next, path, 'src/api/users.ts')
  expect(scene.notes).toHaveLength(1)
})

test('nobody else is answered', async () => {
  const scene = new Scene('deny')
  const guard = scene.guard()
  const path = new URL(guard.urlOf(scene.input) ?? '').pathname
  const later = new URL(guard.urlOf({ ...scene.input, createdAt: 2 }) ?? '').pathname
  const otherKey = new URL(scene.guard('k'.repeat(64)).urlOf(scene.input) ?? '').pathname
  for (const wrong of [later, otherKey, `${path}A`, path.slice(0, -1), '/v1/hooks/x', '/v1/hooks/c2hvcC5mLndlYg.'])
    expect(await scene.post(guard, wrong, 'src/api/users.ts'), wrong).toEqual({ status: 404, body: undefined })
  expect(await scene.post(guard, path, 'src/api/users.ts', { host: 'evil.example' })).toMatchObject({ status: 403 })
  expect(await scene.post(guard, path, 'src/api/users.ts', { origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  const app = scene.app(guard)
  expect((await app.request(path, { headers: { host: '127.0.0.1:4000' } })).status).toBe(404)
  expect(scene.notes).toEqual([])
})

test.each([
  ['deny', 'src/web/a.ts', { kind: 'allow' }],
  ['deny', '.orch/outbox/m.md', { kind: 'allow' }],
  ['deny', '../elsewhere', { kind: 'allow' }],
  ['deny', 'src/web/../api/x.ts', { kind: 'deny', reason: expect.stringContaining('src/api/x.ts') }],
  ['ask', 'src/api/a.ts', { kind: 'ask', reason: expect.stringContaining('backend') }],
  ['warn', 'src/api/a.ts', { kind: 'allow', remark: expect.stringContaining('orch tell backend') }],
] as const)('%s: %s', async (mode, path, answer) => {
  const scene = new Scene(mode)
  const guard = scene.guard()
  const found = await scene.post(guard, new URL(guard.urlOf(scene.input) ?? '').pathname, path)
  expect(found).toEqual({ status: 200, body: answer })
})

test('what a person allowed once is not asked about again', async () => {
  const scene = new Scene('ask')
  const guard = scene.guard()
  const path = new URL(guard.urlOf(scene.input) ?? '').pathname
  expect(await scene.post(guard, path, 'src/api/a.ts')).toMatchObject({ body: { kind: 'ask' } })
  scene.permitted.hear(scene.input, { type: 'tool-ended', at: 1, toolUseId: 'call', isError: false })
  expect(await scene.post(guard, path, 'src/api/a.ts')).toEqual({ status: 200, body: { kind: 'allow' } })
  expect(await scene.post(guard, path, 'src/api/b.ts')).toMatchObject({ body: { kind: 'ask' } })
})

test('what asks nothing is answered by nothing', async () => {
  const scene = new Scene('deny')
  const guard = scene.guard()
  const path = new URL(guard.urlOf(scene.input) ?? '').pathname
  for (const body of [
    '',
    '{',
    '[]',
    '{"hook_event_name":"Stop"}',
    '{"hook_event_name":"PreToolUse","cwd":"/","tool_input":{"file_path":7}}',
  ])
    expect(await scene.send(guard, path, body), body).toEqual({ status: 200, body: {} })
  expect((await scene.send(guard, path, 'x'.repeat(16_000_001))).status).toBe(413)
})

test('where there is nothing to enforce there is no address', () => {
  const scene = new Scene('deny')
  const { part, ...plain } = scene.input
  const owning = { ...plain, task: { ...plain.task, owns: ['src/**'] } } as TaskInput
  const guard = scene.guard()
  expect(guard.urlOf(plain as TaskInput)).toBeUndefined()
  expect(guard.urlOf(owning)).toBeUndefined()
  expect(guard.urlOf({ ...owning, settings: { ...owning.settings, ownership: 'deny' } })).toBeDefined()
  const integration = { ...part, phase: 'integration', department: { name: 'integration', owns: [] } }
  expect(guard.urlOf({ ...plain, part: integration } as unknown as TaskInput)).toBeUndefined()
  expect(scene.guard('k', {} as Agent).urlOf(scene.input)).toBeUndefined()
})

/** An agent that asks and hears in our own words. */
const editHook: EditHook = {
  read: (body) => {
    const { file } = (body ?? {}) as { file?: unknown }
    return typeof file === 'string' ? { path: file, toolUseId: 'call' } : undefined
  },
  answer: (ruling) => ruling,
}

class Scene {
  readonly notes: string[] = []
  readonly permitted = new PermittedEdits(homeAt(temporaryFolder()), (error) => expect.fail(String(error)))
  readonly input: TaskInput
  readonly #roster: Pick<Roster, 'record' | 'note'>

  constructor(ownership: Ownership) {
    const worktree = join(temporaryFolder(), 'wt')
    mkdirSync(worktree)
    const departments = [
      { name: 'frontend', owns: ['src/web/**'], reviews: [], hasVeto: false },
      { name: 'backend', owns: ['src/api/**'], reviews: [], hasVeto: false },
    ]
    const part = { ownership, phase: 'departments', department: departments[0], departments, contracts: [] }
    const task = { id: 'web', title: 'web', body: '', needs: [], owns: [] }
    this.input = { handle: 'shop.f.web', createdAt: 1, kind: 'part', worktree, task, part, settings: {} } as unknown as TaskInput
    this.#roster = {
      record: (handle) => (handle === this.input.handle ? ({ input: this.input, runId: 'r' } as ReturnType<Roster['record']>) : undefined),
      note: (_input, { message }) => void this.notes.push(message?.text ?? ''),
    }
  }

  guard(key = 'a'.repeat(64), agent = { editHook } as Agent): EditGuard {
    const guard = new EditGuard({ roster: this.#roster as Roster, agentOf: () => agent, permitted: this.permitted, now: () => 5 })
    guard.open({ key, port: 4000 })
    return guard
  }

  app(guard: EditGuard): ReturnType<typeof makeApp> {
    const parts = { access: () => ({ token: 't', port: 4000 }), ready: Promise.resolve(), editGuard: guard, logError: () => undefined }
    return makeApp(parts as unknown as AppParts)
  }

  post(guard: EditGuard, path: string, file: string, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
    return this.send(guard, path, JSON.stringify({ file: join(this.input.worktree, file) }), headers)
  }

  async send(
    guard: EditGuard,
    path: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> {
    const response = await this.app(guard).request(path, { method: 'POST', body, headers: { host: '127.0.0.1:4000', ...headers } })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
}
