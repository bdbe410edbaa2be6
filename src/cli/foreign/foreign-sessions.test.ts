import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder, writeTree } from '../../../test/support/temporary.ts'
import { foreignLines } from './foreign-lines.ts'
import { loadForeignSessions } from './foreign-sessions.ts'

const tasks = [{ handle: 'shop.api', worktree: '/work/shop-wt-api' }]
const hostile = 'evil\u001B[31m\u202Ename'

test('what is running besides orch is asked for only where something is, and told in plain words', async () => {
  const scene = new Scene()
  expect(await scene.load()).toEqual([])
  scene.note({ sessionId: 'w', name: 'shop.api', cwd: '/elsewhere' })
  expect(await scene.load()).toEqual([])
  scene.note({ sessionId: 'w', name: 'mine', cwd: '/work/shop-wt-api/src' })
  expect(await scene.load()).toEqual([])
  scene.note({ sessionId: 'asker', cwd: '/home/me' })
  expect(await scene.load()).toEqual([])
  scene.note({ sessionId: 'child', cwd: '/home/me' }, { ORCH_SESSION: 'shop.api.1.1' })
  expect(await scene.load()).toEqual([])
  expect(scene.starts).toBe(0)

  scene.note({ sessionId: 'f', name: hostile, cwd: '/home/me' })
  scene.print([
    {
      pid: 999_999_999,
      cwd: '/home/me',
      sessionId: 'f',
      name: hostile,
      kind: 'background',
      status: 'waiting',
      waitingFor: 'leave\n',
      startedAt: 0,
    },
    { cwd: '/home/me', sessionId: 'asker' },
    { cwd: '/work/shop-wt-api', sessionId: 'x' },
    { cwd: '/elsewhere', name: 'shop.api.security-review' },
    { cwd: 7 },
    { cwd: '/\u001B]0;title\u0007', startedAt: 1e300, kind: 3 },
  ])
  const found = await scene.load()
  expect(found.map(({ sessionId }) => sessionId)).toEqual(['f', undefined])
  expect(scene.starts).toBe(1)
  const lines = foreignLines(found, 60_000)
  expect(lines).toHaveLength(3)
  expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(lines[1]).toMatch(/^ {2}evil.*name, background, waiting for leave, since 1 min: \/home\/me$/)
})

test('a Claude Code that fails, is not there, or does not answer is nothing to show', async () => {
  const scene = new Scene()
  scene.note({ sessionId: 'f', cwd: '/home/me' })
  for (const body of ['exit 1', 'echo "no such command"', 'echo "{}"', 'sleep 600 & sleep 600']) {
    scene.become(body)
    expect(await scene.load(300)).toEqual([])
  }
  expect(await loadForeignSessions(scene.context, tasks, { program: '/nowhere/claude' })).toEqual([])
})

/** A home with the note of one live process, and a `claude` that counts its starts. */
class Scene {
  readonly #folder = temporaryFolder()
  readonly context = {
    home: join(this.#folder, 'orch'),
    environment: { PATH: process.env['PATH'], HOME: join(this.#folder, 'home'), CLAUDE_CODE_SESSION_ID: 'asker' },
  }

  constructor() {
    mkdirSync(this.context.home)
    this.print([])
  }

  get starts(): number {
    const file = join(this.#folder, 'starts')
    return existsSync(file) ? readFileSync(file, 'utf8').length : 0
  }

  load(deadlineMs = 10_000): ReturnType<typeof loadForeignSessions> {
    return loadForeignSessions(this.context, tasks, { program: join(this.#folder, 'claude'), deadlineMs })
  }

  /** Of a process that lives as long as the test. */
  note(note: object, marks: Readonly<Record<string, string>> = {}): void {
    const { HOME: home, PATH } = this.context.environment
    const noted = spawn('sleep', ['600'], { env: { PATH, ...marks }, stdio: 'ignore' })
    onTestFinished(() => void noted.kill('SIGKILL'))
    rmSync(join(home, '.claude'), { recursive: true, force: true })
    writeTree(home, { [`.claude/sessions/${noted.pid}.json`]: JSON.stringify(note), '.claude/sessions/1.key': 'x' })
  }

  print(sessions: readonly object[]): void {
    writeTree(this.#folder, { 'answer.json': JSON.stringify(sessions) })
    this.become(`cat '${join(this.#folder, 'answer.json')}'`)
  }

  become(body: string): void {
    writeTree(this.#folder, { claude: `#!/bin/sh\nprintf x >> '${join(this.#folder, 'starts')}'\n${body}\n` })
    chmodSync(join(this.#folder, 'claude'), 0o755)
  }
}
