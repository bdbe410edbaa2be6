import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { homeAt, type Home } from '../../config/home.ts'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Agent, AgentSession, SessionSpec } from '../../ports/agent.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { processFolder } from './process-folders.ts'
import { SessionRegistry, type RegistryParts } from './session-registry.ts'

const input = {
  handle: 'app.a',
  project: 'app',
  kind: 'backlog',
  branch: 'feature/a',
  worktree: '/wt/a',
  createdAt: 1,
  task: { id: 'a', needs: [] },
  settings: { permissions: {} },
}
const task = input as unknown as TaskInput
const atWork: SessionEvent[] = [
  { type: 'started', at: 1 },
  { type: 'turn-started', at: 2 },
  { type: 'tool-started', at: 3, toolUseId: 't', tool: 'Bash', summary: 'make' },
]
const died: SessionEvent = { type: 'exited', at: 5, exit: { kind: 'lost' } }

test('what a process did not hear and was torn from is said to the next one', async () => {
  const scene = new Scene()
  const registry = scene.daemon()
  expect(await ensure(registry)).toMatchObject({ process: '1.1', isResumed: false })
  await registry.say(task, '1.1', { id: 'm', text: 'hello', when: 'steer' })
  scene.happens('1.1', ...atWork, died)
  expect(await ensure(registry)).toEqual({ process: '1.2', isResumed: true, interrupted: 'Bash: make', unread: ['m'] })
})

test('also when the daemon dies before it has recorded that it started the next one', async () => {
  const scene = new Scene()
  const first = scene.daemon()
  await ensure(first)
  await first.say(task, '1.1', { id: 'm', text: 'hello', when: 'steer' })
  scene.happens('1.1', ...atWork, died)
  const started = await ensure(first)
  expect(await ensure(scene.daemon())).toEqual(started)
  scene.happens('1.2', died)
  expect(await ensure(scene.daemon())).toEqual({ ...started, process: '1.3' })
})

test('a new conversation begins with what the last one did not read', async () => {
  const scene = new Scene()
  const registry = scene.daemon()
  await ensure(registry)
  await registry.say(task, '1.1', { id: 'm', text: 'hello', when: 'steer' })
  scene.happens('1.1', ...atWork, died)
  const begun = { process: '2.1', isResumed: false, unread: ['m'] }
  expect(await registry.ensure(task, 2, never)).toEqual(begun)
  expect(await scene.daemon().ensure(task, 2, never)).toEqual(begun)
})

test('every command that was torn is named, and none that still waited for its permission', async () => {
  const scene = new Scene()
  const registry = scene.daemon()
  await ensure(registry)
  await registry.say(task, '1.1', { id: 'm', text: 'hello', when: 'steer' })
  scene.happens('1.1', ...atWork)
  scene.happens('1.1', { type: 'tool-started', at: 3, toolUseId: 'u', tool: 'Bash', summary: 'npm test' })
  scene.happens('1.1', { type: 'tool-started', at: 3, toolUseId: 'v', tool: 'Bash', summary: 'git push' })
  scene.happens('1.1', { type: 'permission-asked', at: 3, request: { id: 'r', tool: 'Bash', summary: 'git push', at: 3 } })
  scene.happens('1.1', died)
  expect(await ensure(registry)).toMatchObject({ interrupted: 'Bash: make\nBash: npm test' })
})

test('a process that was spoken to is asked nothing of the one before it', async () => {
  const scene = new Scene()
  const registry = scene.daemon()
  await ensure(registry)
  await registry.say(task, '1.1', { id: 'm', text: 'hello', when: 'steer' })
  scene.happens('1.1', ...atWork, died)
  await ensure(registry)
  await registry.say(task, '1.2', { id: 'm', text: 'hello', when: 'steer' })
  expect(await ensure(registry)).toEqual({ process: '1.2', isResumed: false, unread: [] })
})

test('a process is followed once, however many look at it at the same time', async () => {
  const scene = new Scene()
  await ensure(scene.daemon())
  const registry = scene.daemon()
  await Promise.all([registry.eventsOf(task), registry.eventsOf(task), ensure(registry), registry.eventsOf(task)])
  expect(scene.followers).toBe(2)
})

test('an answer goes to the one live session that waits for it, and to none when there are two', async () => {
  const scene = new Scene()
  const registry = scene.daemon()
  await ensure(registry)
  scene.happens('1.1', { type: 'permission-asked', at: 3, request: { id: '1', tool: 'Bash', summary: 'git push', at: 3 } })
  expect(await registry.answer('2', { kind: 'allow' })).toBeUndefined()
  expect(await registry.answer('1', { kind: 'allow' })).toBe('app.a')
  await registry.ensure({ ...task, handle: 'app.b' }, 1, never)
  await expect(registry.answer('1', { kind: 'allow' })).rejects.toMatchObject({ code: 'ambiguous-request' })
  scene.happens('1.1', died)
  expect(await registry.answer('1', { kind: 'allow' })).toBeUndefined()
  expect(scene.answers).toEqual(['1 allow'])
})

test('a torn plan of one task is told and stops nobody', async () => {
  const scene = new Scene()
  await ensure(scene.daemon())
  writeFileSync(join(processFolder(scene.home, task.handle, '1.1'), 'plan.json'), '{"beg')
  await scene.daemon().followManual(task)
  expect(scene.errors).toEqual([expect.objectContaining({ code: 'unreadable-file' })])
})

const never = new AbortController().signal
const ensure = (daemon: SessionRegistry): ReturnType<SessionRegistry['ensure']> => daemon.ensure(task, 1, never)

/** One home, its agents' processes, and the daemons that come and go over it. */
class Scene {
  readonly home: Home = homeAt(temporaryFolder())
  readonly errors: unknown[] = []
  readonly answers: string[] = []
  readonly #records = new Map<string, SessionEvent[]>()
  readonly #readers = new Set<Reader>()

  daemon(): SessionRegistry {
    const open = async ({ folder }: SessionSpec): Promise<AgentSession> => {
      const process = folder.slice(folder.lastIndexOf('/') + 1)
      const record = this.#records.get(process) ?? []
      this.#records.set(process, record)
      return this.#read(process, record)
    }
    const nothing = async (): Promise<void> => undefined
    const parts = {
      home: this.home,
      clock: systemClock,
      agentOf: () => ({ open, attach: open }) as unknown as Agent,
      environments: { load: async () => ({}) },
      roster: { setSession: () => undefined },
      gate: { note: () => undefined },
      outbox: { drain: nothing },
      permits: { take: async () => () => undefined },
      stableId: (text: string) => text,
      tell: nothing,
      audit: { begin: nothing, check: nothing },
      hear: () => undefined,
      editGuard: () => undefined,
      logError: (error: unknown) => this.errors.push(error),
    }
    return new SessionRegistry(parts as unknown as RegistryParts)
  }

  get followers(): number {
    return this.#readers.size
  }

  happens(process: string, ...events: readonly SessionEvent[]): void {
    this.#records.get(process)?.push(...events)
    for (const reader of this.#readers) if (reader.process === process) reader.listener(events)
  }

  #read(process: string, events: readonly SessionEvent[]): AgentSession {
    const session: Pick<AgentSession, 'events' | 'onEvents' | 'send' | 'answer' | 'caughtUp' | 'detach'> = {
      events,
      onEvents: (listener) => {
        const reader = { process, listener }
        this.#readers.add(reader)
        return () => this.#readers.delete(reader)
      },
      send: async () => undefined,
      answer: async ({ id }, { kind }) => void this.answers.push(`${id} ${kind}`),
      caughtUp: async () => undefined,
      detach: () => undefined,
    }
    return session as AgentSession
  }
}

interface Reader {
  readonly process: string
  readonly listener: (fresh: readonly SessionEvent[]) => void
}
