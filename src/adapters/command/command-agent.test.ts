import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import { agentContract } from '../../ports/agent.contract.ts'
import type { AgentSubject } from '../../ports/agent.contract.ts'
import type { AgentSession, SessionSpec } from '../../ports/agent.ts'
import { endSessions } from '../../../test/support/end-sessions.ts'
import { until } from '../../../test/support/eventually.ts'
import { makeFolder, removeFolder } from '../../../test/support/temporary.ts'
import { livingProcesses, sessionPids } from '../../../test/support/claude/session-pids.ts'
import { CommandAgent } from './command-agent.ts'

const root = resolve(import.meta.dirname, '../../..')
const agents = join(root, 'test/fixtures/agents')
const agent = new CommandAgent({ argv: ['no-default'], stopGraceMs: 1000 })

agentContract('command', async (): Promise<AgentSubject> => {
  const home = makeFolder('orch command agent ')
  const specs: SessionSpec[] = []
  const remember = (spec: SessionSpec): SessionSpec => (specs.push(spec), spec)
  return {
    agent,
    newSpec: async (scenario) => remember(specOf(home, ['node', join(agents, 'protocol-agent.mjs'), scenario])),
    resumedSpec: (spec) => remember({ ...spec, folder: `${spec.folder}.2`, begin: 'resume' }),
    openElsewhere: (spec, message) =>
      spawn(process.execPath, ['--import', 'tsx', join(agents, 'opens-command-agent.ts'), JSON.stringify(spec), JSON.stringify(message)], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    pids: (spec) => sessionPids(spec.folder),
    living: (spec) => livingProcesses(spec.folder),
    close: () => clean(home, specs),
  }
})

let home: string
let specs: SessionSpec[]
let opened: AgentSession[]

beforeEach(() => {
  home = makeFolder('orch command agent ')
  specs = []
  opened = []
})

afterEach(async () => {
  for (const session of opened) session.detach()
  await clean(home, specs)
})

it('runs a program that knows nothing of orch: the prompt in a file, text out, exit 0 completes the turn', async () => {
  const session = await open([
    'sh',
    '-c',
    'echo "I read: $(cat "$ORCH_PROMPT_FILE")"; echo "{not json"; cat "$ORCH_INSTRUCTIONS_FILE"; echo " $ORCH_BEGIN"',
  ])
  await session.send({ id: 'm1', text: 'fix it; $(id) `id`', when: 'next-turn' })
  await exited(session)
  expect(session.events.map(withoutTime)).toEqual([
    { type: 'started' },
    { type: 'turn-started' },
    { type: 'message-received', messageId: 'm1' },
    { type: 'text', text: 'I read: fix it; $(id) `id`' },
    { type: 'text', text: '{not json' },
    { type: 'text', text: 'be brief new' },
    { type: 'turn-ended', outcome: { kind: 'completed', text: 'be brief new' } },
    { type: 'exited', exit: { kind: 'code', code: 0 } },
  ])
  expect(statSync(join(specs[0]?.folder ?? '', 'prompt.md')).mode & 0o777).toBe(0o600)
})

it('takes the answer that a program leaves in a file, over several lines', async () => {
  const answer = 'test -s "$ORCH_OUTPUT_SCHEMA" && printf "{\\n  \\"word\\": \\"yes\\"\\n}\\n" >"$ORCH_OUTPUT_FILE"; printf unfinished'
  const session = await open(['sh', '-c', answer], { outputSchema: { type: 'object' } })
  await session.send({ id: 'm1', text: 'judge', when: 'next-turn' })
  await exited(session)
  expect(session.events.find((event) => event.type === 'turn-ended')).toMatchObject({
    outcome: { kind: 'completed', structured: { word: 'yes' } },
  })
})

it('takes no answer of a program that failed, nor one that is no JSON', async () => {
  for (const rest of ['exit 3', 'echo "{" >"$ORCH_OUTPUT_FILE"']) {
    const session = await open(['sh', '-c', `echo '{}' >"$ORCH_OUTPUT_FILE"; ${rest}`], { outputSchema: { type: 'object' } })
    await session.send({ id: 'm1', text: 'judge', when: 'next-turn' })
    await exited(session)
    expect(JSON.stringify(session.events)).not.toContain('structured')
  }
})

it('does not call a failed program completed', async () => {
  const session = await open(['sh', '-c', 'echo trying; exit 4'])
  await session.send({ id: 'm1', text: 'go', when: 'next-turn' })
  await exited(session)
  expect(session.events.map((event) => event.type)).toEqual(['started', 'turn-started', 'message-received', 'text', 'exited'])
})

it('keeps the first prompt when it is sent again, and the program begins once', async () => {
  const session = await open(['sh', '-c', 'cat "$ORCH_PROMPT_FILE"; sleep 1000'])
  await session.send({ id: 'm1', text: 'first\n', when: 'next-turn' })
  await session.send({ id: 'm1', text: 'first\n', when: 'next-turn' })
  await session.send({ id: 'm2', text: 'second', when: 'next-turn' })
  expect(readFileSync(join(specs[0]?.folder ?? '', 'prompt.md'), 'utf8')).toBe('first\n')
  await until(() => session.events.some((event) => event.type === 'text'), { what: 'the program has begun' })
  await session.stop()
  await exited(session)
  expect(session.events.filter((event) => event.type === 'started').length).toBe(1)
})

it('probes for the program', async () => {
  const environment = { PATH: '/no/where:/bin' }
  expect(await new CommandAgent({ argv: ['sh'] }).probe(environment)).toEqual({
    kind: 'ready',
    program: '/bin/sh',
    version: 'unknown',
    login: 'unknown',
  })
  expect(await new CommandAgent({ argv: ['no-such-agent'] }).probe(environment)).toEqual({ kind: 'missing', program: 'no-such-agent' })
  expect(await new CommandAgent({ argv: [] }).probe(environment)).toEqual({ kind: 'missing', program: '' })
})

async function open(argv: string[], changes: Partial<SessionSpec> = {}): Promise<AgentSession> {
  const spec = { ...specOf(home, argv), ...changes }
  specs.push(spec)
  const session = await agent.open(spec)
  opened.push(session)
  return session
}

function specOf(parent: string, argv: readonly string[]): SessionSpec {
  const conversationId = randomUUID()
  const worktree = join(parent, 'work tree')
  mkdirSync(worktree, { recursive: true })
  return {
    folder: join(parent, 'sessions', conversationId, '1.1'),
    conversationId,
    begin: 'new',
    handle: 'app.task',
    worktree,
    branchRef: 'refs/heads/feature/task',
    protectedPaths: [],
    environment: { PATH: process.env.PATH ?? '' },
    instructions: 'be brief',
    permissions: { allow: [], ask: [], deny: [] },
    argv,
  }
}

function exited(session: AgentSession): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => void (session.events.at(-1)?.type === 'exited' && resolve())
    session.onEvents(look)
    look()
  })
}

function withoutTime(event: SessionEvent): object {
  const { at: _, ...rest } = event
  return rest
}

async function clean(folder: string, all: readonly SessionSpec[]): Promise<void> {
  await endSessions(all.map((spec) => spec.folder))
  removeFolder(folder)
}
