import { mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { homeOf, sessionFolder } from '../../config/home.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import { until } from '../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { Roster } from './roster.ts'

const failed: Stage = { kind: 'failed', code: 'x', reason: 'it broke', next: 'mend it' }

test('who waits for a task that fails later says so, and no more once it goes on', async () => {
  const { roster, a, b } = await twoTasks()
  roster.setStage(b, { kind: 'waiting-for-needs', needs: ['a'], failed: [] }, 1)
  expect(roster.status('app.b')).toMatchObject({ reason: 'needs a', isWaitingForHuman: false })
  roster.setStage(a, failed, 2)
  expect(roster.status('app.b')).toMatchObject({ reason: 'needs a, which failed', isWaitingForHuman: true })
  roster.setStage(a, { kind: 'in-session' }, 3)
  expect(roster.status('app.b')).toMatchObject({ reason: 'needs a', isWaitingForHuman: false })
})

test('who waits for a task that was given up is told what begins it anew', async () => {
  const { roster, a, b } = await twoTasks()
  roster.setStage(b, { kind: 'waiting-for-needs', needs: ['a'], failed: [] }, 1)
  roster.setStage(a, failed, 2)
  expect(roster.status('app.b')).toMatchObject({ next: 'orch resume app.a' })
  roster.setStage(a, { kind: 'archived', reason: 'not wanted' }, 3)
  expect(roster.status('app.b')).toMatchObject({ reason: 'needs a, which was given up', next: 'orch run', isWaitingForHuman: true })
})

test('a task that landed is landed also after it was cleaned up; one that was given up is not', async () => {
  const { roster, a } = await twoTasks()
  roster.setStage(a, { kind: 'archived', reason: 'not wanted' }, 1)
  expect(await roster.needs('app', ['a'])).toEqual({ pending: ['a'], failed: ['a'] })
  roster.note(a, { landedAs: 'c1' })
  expect(roster.hasLanded('app.a')).toBe(true)
  expect(await roster.needs('app', ['a'])).toEqual({ pending: [], failed: [] })
})

test('tested work that waits for a clean checkout can be built upon, and has not landed', async () => {
  const { roster, a } = await twoTasks()
  roster.setStage(a, { kind: 'landing-held', checkout: '/repo', ref: 'r', dirty: ['x'] }, 1)
  expect(await roster.needs('app', ['a', 'unknown'])).toEqual({ pending: [], failed: [] })
  expect(roster.hasLanded('app.a')).toBe(false)
})

test('what was written is read back by the next one', async () => {
  const { roster, a, home } = await twoTasks()
  roster.note(a, { landedAs: 'c1', uncommitted: 0, message: { at: 5, kind: 'tell', text: 'hello' } })
  roster.setStage(a, { kind: 'merged', commit: 'c1' }, 7)
  await roster.close()
  const next = new Roster(home)
  await next.load()
  next.endReplay()
  // Read back whole, and worked out anew from it.
  next.note(a, {})
  expect(next.status('app.a')).toMatchObject({
    status: 'Merged',
    landedAs: 'c1',
    uncommitted: 0,
    messages: [{ kind: 'tell', text: 'hello' }],
  })
  expect(next.hasLanded('app.a')).toBe(true)
})

test('a status that could not be written is written when there is room, though nothing more happens', async () => {
  const { roster, a, home } = await twoTasks()
  await roster.writeNow()
  const path = join(sessionFolder(home, 'app.a'), 'status.json')
  rmSync(path)
  mkdirSync(path)
  roster.setStage(a, failed, 2)
  await roster.writeNow()
  rmdirSync(path)
  await until(() => readFileSync(path, 'utf8').includes('"Failed"'), { what: 'the status is in its file' })
})

test('a note is said once, however often the worktree is looked at', async () => {
  const { roster, a } = await twoTasks()
  for (const at of [1, 2]) roster.note(a, { message: { at, kind: 'note', text: '.env was not copied' } })
  for (const at of [1, 2]) roster.note(a, { message: { at, kind: 'tell', text: 'tests pass' } })
  expect(roster.status('app.a')?.messages.map(({ text }) => text)).toEqual(['.env was not copied', 'tests pass', 'tests pass'])
})

test('what attempts cost counts for their task, also for the next daemon; one that is finished waits for its task, not for a person', async () => {
  const { roster, a, home } = await twoTasks()
  const run = 'app.c#1'
  const attempts = [1, 2].map((number) => ({ number, branch: `feature/c-${number}`, worktree: `/wt-c-${number}` }))
  const c = { ...taskInput('c', []), contest: { attempts, take: 'ask' as const } }
  const inputs = [1, 2].map((number) => ({ ...taskInput(`c.${number}`, []), attemptOf: { task: 'app.c', run, number } }))
  await roster.enrol({ runId: run, generation: 1, input: c })
  expect(roster.status('app.c')?.contest?.attempts.map(({ reason }) => reason)).toEqual(['not begun yet', 'not begun yet'])
  for (const input of inputs) {
    await roster.enrol({ runId: `${input.handle}#1`, generation: 1, input })
    const view = { activity: { kind: 'thinking' }, asks: [], since: 1, seenAt: 1, source: 'protocol' } as const
    roster.setSession(input.handle, { view, costUsd: 0.25, tokens: { input: 0, output: 0, cacheRead: 0, cacheCreation: 0 } })
    roster.setStage(input, { kind: 'in-review', reason: 'finished and verified' }, 2)
  }
  expect(roster.status('app.c')?.costUsd).toBe(0.5)
  expect(roster.status('app.c.1')).toMatchObject({
    status: 'Review',
    isWaitingForHuman: false,
    next: 'orch attempts app.c',
    attemptOf: { task: 'app.c', number: 1 },
  })
  const at = Date.parse('2026-01-02T10:00:00.000Z')
  for (const [index, input] of inputs.entries())
    roster.note(input, {
      verdict: { commit: `c${index + 1}`, isPassed: true, summary: 'passed', at },
      lastCommit: { sha: 'c', subject: 'x', at },
    })
  roster.note(c, { branch: 'feature/c-2', worktree: '/wt-c-2', contest: { attempts: [], proposed: 2 } })
  expect(roster.status('app.c')).toMatchObject({ verdict: { commit: 'c2' }, lastCommit: { subject: 'x' } })
  await roster.close()
  const next = new Roster(home)
  await next.load()
  next.endReplay()
  next.note(c, {})
  expect(next.status('app.c')).toMatchObject({ costUsd: 0.5, branch: 'feature/c-2', worktree: '/wt-c-2' })
  expect(next.status(a.handle)?.costUsd).toBe(0)
})

async function twoTasks(): Promise<{ roster: Roster; a: TaskInput; b: TaskInput; home: ReturnType<typeof homeOf> }> {
  const home = homeOf({ ORCH_HOME: join(temporaryFolder(), 'home') })
  const roster = new Roster(home)
  const [a, b] = [taskInput('a', []), taskInput('b', ['a'])]
  for (const input of [a, b]) await roster.enrol({ runId: `${input.handle}#1`, generation: 1, input })
  return { roster, a, b, home }
}

function taskInput(id: string, needs: readonly string[]): TaskInput {
  const task = { id, title: id, body: '', needs, owns: [] }
  return {
    handle: `app.${id}`,
    project: 'app',
    repository: '/repo',
    kind: 'backlog',
    task,
    branch: `feature/${id}`,
    target: 'main',
    settings: {},
    createdAt: 1,
  } as unknown as TaskInput
}
