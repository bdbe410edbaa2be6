import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { homeOf } from '../../config/home.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import { Outbox } from './outbox.ts'

const at = '2026-01-02T03:04:05Z'

test('a declaration is kept on the board, told under the name of its file, and taken away', async () => {
  const scene = new Scene()
  scene.leave('1.md', `---\nv: 1\nkind: done\nat: ${at}\ncommit: ${'a'.repeat(40)}\n---\nready`)
  await scene.drain()
  expect(scene.told).toEqual([['app.a#1 outbox 1.md', { kind: 'declared', what: 'done', commit: 'a'.repeat(40), message: 'ready' }]])
  expect(scene.notes).toEqual([{ message: { at: Date.parse(at), kind: 'done', text: 'ready' } }])
  expect(readdirSync(scene.outbox)).toEqual([])
  expect(readFileSync(join(scene.board, 'app.a-1.md'), 'utf8')).toContain('ready')
})

test('what cannot be read is kept and said, and keeps none of the others waiting', async () => {
  const scene = new Scene()
  scene.leave('1.md', 'all done!')
  scene.leave('2.md', `---\nv: 1\nkind: blocked\nat: ${at}\n---\nwhich one?`)
  await scene.drain()
  expect(scene.told.map(([key]) => key)).toEqual(['app.a#1 outbox 2.md'])
  expect(scene.notes[0]).toMatchObject({ message: { kind: 'unreadable', text: '1.md in the outbox could not be read' } })
  expect(readdirSync(scene.outbox)).toEqual([])
  expect(readFileSync(join(scene.board, 'app.a-1.md'), 'utf8')).toBe('all done!')
})

test('a word to the human and a checkpoint are no news for the run', async () => {
  const scene = new Scene()
  scene.leave('1.md', `---\nv: 1\nkind: tell\nat: ${at}\n---\nhello`)
  scene.leave('2.md', `---\nv: 1\nkind: checkpoint\nat: ${at}\ncommit: ${'b'.repeat(40)}\n---\n`)
  await scene.drain()
  expect(scene.told).toEqual([])
  expect(scene.notes).toEqual([
    { message: { at: Date.parse(at), kind: 'tell', text: 'hello' } },
    { checkpoint: { commit: 'b'.repeat(40), isInferred: false, at: Date.parse(at), message: '' } },
  ])
})

test('links, folders and pipes are left as they are, and what a link leads to is not read', async () => {
  const scene = new Scene()
  const secret = join(scene.home, 'secret.md')
  writeFileSync(secret, `---\nv: 1\nkind: tell\nat: ${at}\n---\nsecret`)
  symlinkSync(secret, join(scene.outbox, '1.md'))
  mkdirSync(join(scene.outbox, '2.md'))
  execFileSync('mkfifo', [join(scene.outbox, '3.md')])
  await scene.drain()
  expect(scene.notes.map((note) => (note as { message: { kind: string } }).message.kind)).toEqual([
    'unreadable',
    'unreadable',
    'unreadable',
  ])
  expect(readdirSync(scene.outbox).toSorted()).toEqual(['1.md', '2.md', '3.md'])
  expect(lstatSync(join(scene.outbox, '1.md')).isSymbolicLink()).toBe(true)
  expect(existsSync(scene.board)).toBe(false)
})

test('a run that could not be told leaves the file, and hears it the next time under the same key', async () => {
  const scene = new Scene()
  scene.leave('1.md', `---\nv: 1\nkind: done\nat: ${at}\n---\n`)
  scene.refuses = new Error('the disk is full')
  await scene.drain()
  expect(readdirSync(scene.outbox)).toEqual(['1.md'])
  expect(scene.logged).toEqual([scene.refuses])
  scene.refuses = undefined
  await scene.drain()
  expect(scene.told.map(([key]) => key)).toEqual(['app.a#1 outbox 1.md'])
  expect(readdirSync(scene.outbox)).toEqual([])
})

class Scene {
  readonly home = temporaryFolder()
  readonly outbox = join(this.home, 'worktree', '.orch', 'outbox')
  readonly board: string
  readonly told: [string, unknown][] = []
  readonly notes: unknown[] = []
  readonly logged: unknown[] = []
  refuses: Error | undefined
  readonly #outbox: Outbox
  readonly #input = { handle: 'app.a', project: 'app', worktree: join(this.home, 'worktree') } as TaskInput

  constructor() {
    mkdirSync(this.outbox, { recursive: true })
    const home = homeOf({ ORCH_HOME: join(this.home, 'orch') })
    this.board = join(this.home, 'orch', 'projects', 'app', 'board', 'messages')
    const roster = { note: (_input: TaskInput, note: unknown) => this.notes.push(note), record: () => ({ runId: 'app.a#1' }) }
    this.#outbox = new Outbox({
      home,
      roster: roster as unknown as Roster,
      tell: async (runId, news, key) => {
        if (this.refuses !== undefined) throw this.refuses
        this.told.push([`${runId} ${key}`, news])
      },
      logError: (error) => this.logged.push(error),
    })
  }

  leave(name: string, text: string): void {
    writeFileSync(join(this.outbox, name), text)
  }

  drain(): Promise<void> {
    return this.#outbox.drain(this.#input)
  }
}
