import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunResponse } from '../../src/protocol/responses.ts'
import { startFakeDaemon } from '../support/cli/fake-daemon.ts'
import type { FakeDaemon } from '../support/cli/fake-daemon.ts'
import { taskStatus } from '../support/cli/task-status.ts'

const main = resolve(import.meta.dirname, '../../dist/main.js')
let home: string
let daemon: FakeDaemon

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'orch-cli-'))
  daemon = await startFakeDaemon(home, '0.1.0')
})

afterEach(async () => {
  await daemon.close()
  rmSync(home, { recursive: true })
})

function orch(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: home, env: { ...process.env, ORCH_HOME: home }, timeout: 20_000 },
      (error, stdout, stderr) => {
        done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}

function saveStatus(task: ReturnType<typeof taskStatus>): void {
  mkdirSync(join(home, 'sessions', task.handle), { recursive: true })
  writeFileSync(join(home, 'sessions', task.handle, 'status.json'), JSON.stringify(task))
}

test('spawn and send give the daemon what its schemas want, and - is the last task', async () => {
  const task = taskStatus('login')
  saveStatus(task)
  daemon.answers.set('/v1/spawn', { status: 200, body: { task, isDryRun: false } })
  daemon.answers.set('/v1/send', { status: 200, body: { task, isDryRun: false } })
  expect(await orch('spawn', 'login', 'Add a login page', '--budget', '3')).toMatchObject({
    code: 0,
    stdout: 'app.login: started on feature/login\n',
  })
  expect(await orch('send', '-', 'and a test', '--after-turn')).toMatchObject({ code: 0 })
  expect(daemon.requests.map(({ body }) => body)).toMatchObject([
    { kind: 'spawned', budgetUsd: 3 },
    { name: 'app.login', when: 'next-turn', text: 'and a test' },
  ])
})

test('a refusal is told in three parts, with its exit code', async () => {
  daemon.answers.set('/v1/run', {
    status: 400,
    body: {
      error: {
        code: 'bad-backlog',
        message: 'The backlog cannot be run.',
        details: ['tasks.md:3: \u001b[31mcycle'],
        safe: 'nothing was started',
        next: 'orch plan',
        exitCode: 2,
      },
    },
  })
  expect(await orch('run')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'orch: The backlog cannot be run.\n  tasks.md:3: cycle\nKept safe: nothing was started\nNext: orch plan\n',
  })
})

test.each([
  ['Merged', 0],
  ['Failed', 1],
  ['Needs you', 3],
] as const)('a fleet that ends %s exits with %i', async (status, code) => {
  const task = taskStatus('api', { status })
  daemon.tasks = [task]
  daemon.answers.set('/v1/run', {
    status: 200,
    body: {
      started: [task.handle],
      continued: [],
      skipped: [],
      order: [task.handle],
      plan: { tasks: [], landed: [], waves: [], criticalPath: [], max: 4 },
      max: 4,
      notes: [],
      isDryRun: false,
    } satisfies RunResponse,
  })
  expect(await orch('run')).toMatchObject({ code })
})

test('status and completion need no daemon, and step over what is torn', async () => {
  saveStatus(taskStatus('api'))
  mkdirSync(join(home, 'sessions', 'app.torn'))
  writeFileSync(join(home, 'sessions', 'app.torn', 'status.json'), '{"schema":1,')
  const status = await orch('status')
  expect(status).toMatchObject({ code: 0, stdout: 'app: 1 working · $0.10\n' })
  expect(status.stderr).toContain('app.torn')
  expect(await orch('__complete', '--', 'logs', 'a')).toMatchObject({ code: 0, stdout: 'api\tWorking: Do api\n' })
  expect(daemon.requests).toEqual([])
})

test('bash completes commands and names', async () => {
  saveStatus(taskStatus('api'))
  expect((await orch('__complete', '--', 'feature', 'x', '-d', 'docs,back')).stdout).toBe('docs,backend\tbuilt in\n')
  expect((await orch('__complete', '--', 'wait', '--for', 'r')).stdout).toBe('review\t\n')
  expect((await orch('__complete', '--', 'config', 'get', 'ma')).stdout).toMatch(/^max\tHow many sessions/)
  expect((await orch('__complete', '--', 'logs', 'api', 'a')).stdout).toBe('')
  expect((await orch('__complete', '--', 'spawn', '--base', '')).stdout).toBe('')
  const script = `orch() { "${process.execPath}" "${main}" "$@"; }; source <(orch completion bash); COMP_WORDS=(orch logs a); COMP_CWORD=2; _orch; echo "\${COMPREPLY[*]}"; COMP_WORDS=(orch mer); COMP_CWORD=1; _orch; echo "\${COMPREPLY[*]}"`
  const printed = await new Promise<string>(
    (done) => void execFile('bash', ['-c', script], { env: { ...process.env, ORCH_HOME: home } }, (_, stdout) => done(stdout)),
  )
  expect(printed).toBe('api\nmerge\n')
})

test('what cannot be meant is wrong usage', async () => {
  expect(await orch('bogus')).toMatchObject({ code: 2 })
  expect(await orch('run', '--max', '0')).toMatchObject({ code: 2 })
  expect(await orch('logs', '-')).toMatchObject({ code: 2 })
  expect(await orch('quick', 'fix', 'the', 'typo')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/put text of several words in quotes\.\nNext: orch quick --help\n$/),
  })
  expect(await orch('quick', ' ')).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a prompt') })
  expect(await orch('spawn', 'api', '')).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a prompt') })
  expect(await orch('config', 'get', 'target')).toMatchObject({ code: 0, stdout: '', stderr: 'target is not set\n' })
  expect(JSON.parse((await orch('status', '--al', '--json')).stdout)).toMatchObject({
    schema: 1,
    error: { code: 'usage', message: expect.stringMatching(/^unknown option '--al'/), exitCode: 2 },
  })
  expect(await orch('help', 'quick')).toMatchObject({ code: 0, stdout: (await orch('quick', '--help')).stdout })
})

test('review --test-all asks for every finished branch, follows it to its end and shows the matrix', async () => {
  saveStatus(taskStatus('cart', { status: 'Review' }))
  saveStatus(taskStatus('docs', { status: 'Review' }))
  saveStatus(taskStatus('busy'))
  const rows = (outcome: string) =>
    ['cart', 'docs'].map((name) => ({ name: `app.${name}`, branch: `feature/${name}`, alone: { outcome, summary: '' } }))
  daemon.answers.set('/v1/test-all', {
    status: 200,
    body: { id: 'x', isDone: false, rows: rows('running'), merged: { outcome: 'waiting', summary: '' }, isDryRun: false },
  })
  daemon.answers.set('/v1/test-all/x', {
    status: 200,
    body: {
      id: 'x',
      isDone: true,
      rows: rows('passed'),
      merged: { outcome: 'failed', summary: 'cart > adds up', durationMs: 1500 },
      isDryRun: false,
    },
  })
  expect(await orch('review', '--test-all')).toMatchObject({
    code: 1,
    stdout: 'app.cart    passed\napp.docs    passed\nall merged  failed (1.5 s) cart > adds up\n',
  })
  expect(daemon.requests[0]?.body).toMatchObject({ names: ['app.cart', 'app.docs'] })
})

test('what waits is answered by its id: several at once, choices one by one, a message by its project', async () => {
  const request = (id: string) => ({ id, tool: 'Bash', summary: 'npm publish', at: '2026-01-02T10:00:00.000Z' })
  const questions = [
    { question: 'Which?', options: [{ label: 'Postgres' }, { label: 'SQLite' }] },
    { question: 'Sure?', options: [] },
  ]
  const task = taskStatus('login', {
    status: 'Needs you',
    requests: [request('ask-1'), request('ask-2'), { ...request('pick-1'), questions } as never],
  })
  saveStatus(task)
  const board = join(home, 'projects', 'app', 'board', 'messages')
  mkdirSync(board, { recursive: true })
  const facts = {
    id: 'm1',
    project: 'app',
    kind: 'question',
    from: 'app.login',
    to: ['human'],
    takenAt: 1,
    writtenAt: 1,
    hops: 0,
    source: 's',
    options: ['cents', 'euros'],
  }
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  writeFileSync(join(board, 'm1.md'), ['---', 'v: 1', ...lines, '---', 'In what?', ''].join('\n'))
  daemon.answers.set('/v1/answer', { status: 200, body: { task, isDryRun: false } })
  daemon.answers.set('/v1/decide', { status: 200, body: { project: 'app', message: 'm1', answer: 'm2', to: ['app.login'] } })

  expect(await orch('deny', 'ask-1', 'ask-2', 'm1', 'not', 'today')).toMatchObject({
    code: 0,
    stdout: 'app.login: denied.\napp.login: denied.\napp.login: m1 denied.\n',
  })
  for (const id of ['pick-1', 'app/m1'])
    expect(await orch('answer', id, '3')).toMatchObject({ code: 2, stderr: expect.stringContaining('the options 1 to 2, and no 3') })
  expect(await orch('answer', 'pick-1', '2', 'yes')).toMatchObject({ code: 0, stdout: 'app.login: answered.\n' })
  const answered = await orch('answer', 'app/m1', '2', '--json')
  expect(JSON.parse(answered.stdout)).toMatchObject({
    answers: [{ id: 'm1', project: 'app', said: 'answered', text: 'euros', answer: 'm2' }],
  })
  expect(daemon.requests.map(({ body }) => body)).toMatchObject([
    { requestId: 'ask-1', decision: { kind: 'deny', reason: 'not today' } },
    { requestId: 'ask-2', decision: { kind: 'deny', reason: 'not today' } },
    { project: 'app', message: 'm1', decision: 'deny', text: 'not today' },
    { requestId: 'pick-1', decision: { kind: 'answer', answers: ['2', 'yes'] } },
    { project: 'app', message: 'm1', text: 'euros' },
  ])
  const inbox = await orch('inbox')
  expect(inbox.stdout).toContain('orch answer pick-1 "…" "…"')
  expect(inbox.stdout).toContain('  1 cents · 2 euros\n  orch answer m1 "…"')
})
