import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../../test/support/eventually.ts'
import type { SessionEvent } from '../domain/sessions/session-event.ts'
import type { Agent, AgentSession, SessionMessage, SessionSpec } from './agent.ts'

/**
 * What the agent (or its scripted model) does in a session:
 * - `answers`: every message gets a turn of its own, with a text and usage.
 * - `asks-permission`: the first message leads to one permission request; then the turn completes with a text that has the word "allowed" or "denied" in it.
 * - `runs-long-tool`: the first message leads to a tool with a session (setsid) of its own that runs for many minutes; a message to a
 *   resumed conversation is answered at once.
 * - `fails`: the first message leads to a model that answers 401.
 * - `answers-in-shape`: the message leads to the answer `contractAnswer`, in the shape of `contractSchema`.
 */
export type Scenario = 'answers' | 'asks-permission' | 'runs-long-tool' | 'fails' | 'answers-in-shape'

const contractSchema = {
  type: 'object',
  properties: { word: { type: 'string' } },
  required: ['word'],
  additionalProperties: false,
}
export const contractAnswer = { word: 'yes' }

export interface AgentSubject {
  readonly agent: Agent
  /** A new session of this scenario: own folder, conversation, handle; the working directory exists. */
  newSpec(scenario: Scenario): Promise<SessionSpec>
  /** The spec of the next process of the same conversation: another folder, `begin: 'resume'`. */
  resumedSpec(spec: SessionSpec): SessionSpec
  /** Another process of ours that opens `spec`, sends `message`, prints a line that begins with "sent", and stays until it is killed. */
  openElsewhere(spec: SessionSpec, message: SessionMessage): ChildProcess
  pids(spec: SessionSpec): { readonly wrapper: number; readonly agent: number }
  /** Every process that was started for the session and still runs, tools with sessions of their own included. */
  living(spec: SessionSpec): Promise<readonly number[]>
  /** Ends and removes everything that `newSpec` made. */
  close(): Promise<void>
}

/** Every adapter of the agent port passes this. */
export function agentContract(name: string, makeSubject: () => Promise<AgentSubject>): void {
  describe(`agent contract: ${name}`, () => {
    let subject: AgentSubject
    let opened: AgentSession[]

    beforeEach(async () => {
      opened = []
      subject = await makeSubject()
    })

    afterEach(async () => {
      for (const session of opened) session.detach()
      await subject.close()
    })

    const open = async (spec: SessionSpec): Promise<AgentSession> => {
      const session = await subject.agent.open(spec)
      opened.push(session)
      return session
    }

    it('answers a message: receipt, turn, text, usage, completed', async () => {
      const session = await open(await subject.newSpec('answers'))
      const message = messageOf('hello')
      await session.send(message)
      const end = await seen(session, 'turn-ended')
      expect(end.outcome.kind).toBe('completed')
      expect(eventsOf(session, 'message-received').map((event) => event.messageId)).toEqual([message.id])
      expect(eventsOf(session, 'text').length).toBeGreaterThan(0)
      const usage = await seen(session, 'usage')
      expect(usage.usage.inputTokens + usage.usage.outputTokens).toBeGreaterThan(0)
      const order = session.events.map((event) => event.type)
      expect(order.indexOf('turn-started')).toBeLessThan(order.indexOf('turn-ended'))
    })

    it('starts one process however often it is opened', async () => {
      const spec = await subject.newSpec('answers')
      const [first, second] = await Promise.all([open(spec), open(spec)])
      const { agent } = subject.pids(spec)
      await first.send(messageOf('one'))
      await seen(second, 'turn-ended')
      await open(spec)
      expect(subject.pids(spec).agent).toBe(agent)
    })

    it('attaches to what was started and starts nothing', async () => {
      const spec = await subject.newSpec('answers')
      expect(await subject.agent.attach(spec)).toBeUndefined()
      expect(() => subject.pids(spec)).toThrow('ENOENT')
      const session = await open(spec)
      const { agent } = subject.pids(spec)
      const attached = await subject.agent.attach(spec)
      if (attached !== undefined) opened.push(attached)
      await session.send(messageOf('one'))
      await seen(session, 'turn-ended')
      if (attached !== undefined) await seen(attached, 'turn-ended')
      expect(attached?.events.map((event) => event.type)).toContain('turn-ended')
      expect(subject.pids(spec).agent).toBe(agent)
    })

    it('gives the same events to whoever attaches later', async () => {
      const spec = await subject.newSpec('answers')
      const session = await open(spec)
      await session.send(messageOf('one'))
      await seen(session, 'turn-ended')
      await session.stop()
      await seen(session, 'exited')
      const replayed = await open(spec)
      await seen(replayed, 'exited')
      expect(replayed.events).toEqual(session.events)
    })

    it('answers a message with the same id once', async () => {
      const spec = await subject.newSpec('answers')
      const session = await open(spec)
      const [first, second] = [messageOf('one'), messageOf('two')]
      await session.send(first)
      await session.send(first)
      await seen(session, 'turn-ended')
      await session.send(first)
      await session.send(second)
      await eventually(session, () => eventsOf(session, 'message-received').some((event) => event.messageId === second.id))
      await eventually(session, () => eventsOf(session, 'turn-ended').length >= 2)
      expect(eventsOf(session, 'turn-ended').length).toBe(2)
      expect(eventsOf(session, 'message-received').map((event) => event.messageId)).toEqual([first.id, second.id])
    })

    it.each(['allow', 'deny'] as const)('asks for permission and hears %s', async (kind) => {
      const session = await open(await subject.newSpec('asks-permission'))
      await session.send(messageOf('please'))
      const { request } = await seen(session, 'permission-asked')
      expect(request.tool).not.toBe('')
      expect(eventsOf(session, 'turn-ended')).toEqual([])
      await session.answer(request, kind === 'allow' ? { kind } : { kind, reason: 'not today' })
      expect((await seen(session, 'permission-answered')).requestId).toBe(request.id)
      const { outcome } = await seen(session, 'turn-ended')
      expect(outcome.kind === 'completed' ? outcome.text : outcome).toContain(kind === 'allow' ? 'allowed' : 'denied')
    })

    it('keeps an open permission question over a kill -9 of the process that opened it', async () => {
      const spec = await subject.newSpec('asks-permission')
      const message = messageOf('please')
      await killed(await sentBy(subject.openElsewhere(spec, message)))
      const { agent } = subject.pids(spec)
      const session = await open(spec)
      const { request } = await seen(session, 'permission-asked')
      expect(eventsOf(session, 'message-received').map((event) => event.messageId)).toEqual([message.id])
      await session.answer(request, { kind: 'allow' })
      await seen(session, 'turn-ended')
      expect(subject.pids(spec).agent).toBe(agent)
    })

    it('survives letting go', async () => {
      const spec = await subject.newSpec('answers')
      const session = await subject.agent.open(spec)
      await session.send(messageOf('one'))
      await seen(session, 'turn-ended')
      session.detach()
      const again = await open(spec)
      await again.send(messageOf('two'))
      await eventually(again, () => eventsOf(again, 'turn-ended').length === 2)
    })

    it('says how a turn failed', async () => {
      const session = await open(await subject.newSpec('fails'))
      await session.send(messageOf('hello'))
      expect((await seen(session, 'turn-ended')).outcome).toMatchObject({ kind: 'model-failed', cause: 'authentication' })
    })

    it('answers in the shape that was asked for', async () => {
      const session = await open({ ...(await subject.newSpec('answers-in-shape')), outputSchema: contractSchema, isReadOnly: true })
      await session.send(messageOf('in shape, please'))
      expect((await seen(session, 'turn-ended')).outcome).toMatchObject({ kind: 'completed', structured: contractAnswer })
    })

    it('completes also without the shape that was asked for', async () => {
      const session = await open({ ...(await subject.newSpec('answers')), outputSchema: contractSchema, isReadOnly: true })
      await session.send(messageOf('hello'))
      const { outcome } = await seen(session, 'turn-ended')
      expect(outcome.kind).toBe('completed')
      expect(outcome).not.toHaveProperty('structured')
    })

    it('tells an agent killed in the middle of a tool, leaves no tool, and continues in a new process', async () => {
      const spec = await subject.newSpec('runs-long-tool')
      const session = await open(spec)
      await session.send(messageOf('work'))
      await seen(session, 'tool-started')
      process.kill(subject.pids(spec).agent, 'SIGKILL')
      expect((await seen(session, 'exited')).exit).toEqual({ kind: 'code', code: 137 })
      expect(await subject.living(spec)).toEqual([])
      const next = await open(subject.resumedSpec(spec))
      await next.send(messageOf('go on'))
      expect((await seen(next, 'turn-ended')).outcome.kind).toBe('completed')
    })

    it('is lost when agent and wrapper are killed', async () => {
      const spec = await subject.newSpec('runs-long-tool')
      const session = await open(spec)
      await session.send(messageOf('work'))
      await seen(session, 'tool-started')
      const pids = subject.pids(spec)
      process.kill(pids.wrapper, 'SIGKILL')
      process.kill(pids.agent, 'SIGKILL')
      expect((await seen(session, 'exited')).exit).toEqual({ kind: 'lost' })
      expect(await subject.living(spec)).toEqual([])
    })

    it('stop leaves no process behind and may be repeated', async () => {
      const spec = await subject.newSpec('runs-long-tool')
      const session = await open(spec)
      await session.send(messageOf('work'))
      await seen(session, 'tool-started')
      expect((await subject.living(spec)).length).toBeGreaterThan(0)
      await session.stop()
      expect(await subject.living(spec)).toEqual([])
      await session.stop()
      await seen(session, 'exited')
    })

    it('interrupt ends the turn and keeps the process', async () => {
      const spec = await subject.newSpec('runs-long-tool')
      const session = await open(spec)
      await session.send(messageOf('work'))
      await seen(session, 'tool-started')
      await session.interrupt()
      expect((await seen(session, 'turn-ended')).outcome.kind).toBe('interrupted')
      expect(eventsOf(session, 'exited')).toEqual([])
    })
  })
}

type EventOf<Type extends SessionEvent['type']> = Extract<SessionEvent, { type: Type }>

function messageOf(text: string): SessionMessage {
  return { id: randomUUID(), text, when: 'next-turn' }
}

function eventsOf<Type extends SessionEvent['type']>(session: AgentSession, type: Type): readonly EventOf<Type>[] {
  return session.events.filter((event): event is EventOf<Type> => event.type === type)
}

/** The first event of the type, from the record or when it comes. */
async function seen<Type extends SessionEvent['type']>(session: AgentSession, type: Type): Promise<EventOf<Type>> {
  await eventually(session, () => eventsOf(session, type).length > 0, type)
  const [event] = eventsOf(session, type)
  if (event === undefined) throw new Error(`no ${type}`)
  return event
}

async function eventually(session: AgentSession, isTrue: () => boolean, what = 'the condition'): Promise<void> {
  await until(isTrue, { what, deadlineMs: 30_000 }).catch((cause: unknown) => {
    throw new Error(`${what} never came; the events: ${JSON.stringify(session.events)}`, { cause })
  })
}

function sentBy(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => void (chunk.toString().includes('sent') && resolve(child)))
    child.once('exit', (code) => reject(new Error(`the other process ended with ${code}`)))
  })
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
