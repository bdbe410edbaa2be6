import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClaudeScene, claudePrograms } from '../../../test/support/claude/claude-scene.ts'
import { until as eventually } from '../../../test/support/eventually.ts'
import { sessionPids } from '../../../test/support/claude/session-pids.ts'
import { costUsd } from '../../domain/sessions/prices.ts'
import type { SessionFacts } from '../../domain/sessions/session-facts.ts'
import { evolve, initialFacts } from '../../domain/sessions/session-machine.ts'
import { failureCode } from '../../foundation/failure.ts'
import type { AgentSession, SessionMessage, SessionSpec } from '../../ports/agent.ts'
import { ClaudeAgent } from './claude-agent.ts'

const answers = 'default:\n  - end: "Answered."\n'
const asks = 'default:\n  - ask: npm --version > asked.txt\n  - end: "Over."\n'
const asksPerson = `default:
  - tool:
      name: AskUserQuestion
      input:
        questions:
          - { question: "Which login?", header: Login, multiSelect: false, options: [{ label: JWT, description: tokens }, { label: Cookie, description: sessions }] }
          - { question: "Which extras?", header: Extras, multiSelect: true, options: [{ label: Search, description: a }, { label: Export, description: b }] }
  - end: "Over."
`
const longTool = `sessions:
  - match: { prompt: "begin again" }
    steps:
      - end: "I began again."
  - match: { prompt: work }
    steps:
      - bash: node -e "setTimeout(() => {}, 600000)"
      - end: "The tool ended."
    turns:
      - when: "go on"
        steps:
          - end: "I went on."
`

describe.each(Object.entries(claudePrograms))('a session of Claude Code, %s', (_name, program) => {
  const agent = new ClaudeAgent({ program })
  let scene: ClaudeScene
  let opened: AgentSession[]

  beforeEach(() => {
    scene = new ClaudeScene()
    opened = []
  })

  afterEach(async () => {
    for (const session of opened) session.detach()
    await scene.close()
  })

  const open = async (spec: SessionSpec): Promise<AgentSession> => {
    const session = await agent.open(spec)
    opened.push(session)
    return session
  }

  it.each(['allow', 'deny'] as const)('%s decides whether the command runs', async (kind) => {
    const spec = await scene.newSpec(asks)
    const session = await open(spec)
    await session.send(messageOf('please'))
    const facts = await until(session, (now) => now.phase.kind === 'waiting-for-permission')
    const [request] = facts.phase.kind === 'waiting-for-permission' ? facts.phase.requests : []
    if (request === undefined) throw new Error('nothing was asked')
    expect(request).toMatchObject({ tool: 'Bash', summary: 'npm --version > asked.txt' })
    await session.answer(request, kind === 'allow' ? { kind } : { kind, reason: 'not today' })
    await until(session, (now) => now.phase.kind === 'idle')
    expect(existsSync(join(spec.worktree, 'asked.txt'))).toBe(kind === 'allow')
    await session.answer(request, { kind: 'allow' })
  })

  it('a question is shown with its options, and the model hears the answers', async () => {
    const spec = await scene.newSpec(asksPerson, { tools: ['Bash', 'Read', 'AskUserQuestion'] })
    const session = await open(spec)
    await session.send(messageOf('please'))
    const facts = await until(session, (now) => now.phase.kind === 'waiting-for-permission')
    const [request] = facts.phase.kind === 'waiting-for-permission' ? facts.phase.requests : []
    if (request === undefined) throw new Error('nothing was asked')
    expect(request).toMatchObject({
      tool: 'AskUserQuestion',
      summary: 'Which login? · Which extras?',
      questions: [
        { text: 'Which login?', isMultiple: false, options: [{ label: 'JWT', description: 'tokens' }, { label: 'Cookie' }] },
        { text: 'Which extras?', isMultiple: true, options: [{ label: 'Search' }, { label: 'Export' }] },
      ],
    })
    const short = await session.answer(request, { kind: 'answer', answers: ['JWT'] }).catch((error: unknown) => failureCode(error))
    expect(short).toBe('answers-missing')
    const bodies: string[] = []
    const model = await scene.model(asksPerson)
    model.onRequest((_record, body) => bodies.push(body))
    await session.answer(request, { kind: 'answer', answers: ['something of mine', 'Search, Export'] })
    await until(session, (now) => now.phase.kind === 'idle')
    expect(bodies.at(-1)).toMatch(/Which login\?.{1,10}something of mine.*Which extras\?.{1,10}Search, Export/)
  })

  it('does not edit a protected path, and runs no denied command', async () => {
    const spec = await scene.newSpec(`default:
  - tool: { name: Write, input: { file_path: "${scene.folder}/main (1)/x.txt", content: "x" } }
  - bash: echo x > "${scene.folder}/main (1)/y.txt"
  - bash: git push origin main
  - write: mine.txt
    content: mine
  - end: "Over."
`)
    mkdirSync(join(scene.folder, 'main (1)'))
    const session = await open(spec)
    await session.send(messageOf('go'))
    await until(session, (now) => now.phase.kind === 'idle' || now.phase.kind === 'waiting-for-permission')
    expect(existsSync(join(scene.folder, 'main (1)/x.txt'))).toBe(false)
    expect(existsSync(join(scene.folder, 'main (1)/y.txt'))).toBe(false)
    expect(existsSync(join(spec.worktree, 'mine.txt'))).toBe(true)
    expect(session.events.filter((event) => event.type === 'tool-ended').map((event) => event.isError)).toEqual([true, true, true, false])
  })

  it('a message to the next process of a conversation that knew it is not answered again', async () => {
    const spec = await scene.newSpec(answers)
    const first = await open(spec)
    const message = messageOf('hello')
    await first.send(message)
    await until(first, (now) => now.phase.kind === 'idle')
    await first.stop()
    const next = await open(scene.resumedSpec(spec))
    await next.send(message)
    await next.send(messageOf('something new'))
    await until(next, (now) => now.lastOutcome !== undefined && now.phase.kind === 'idle')
    const { requests } = await scene.model(answers)
    expect(requests.filter((request) => request.role === 'session').length).toBe(2)
  })

  it('an agent killed in mid-tool is resumed, and what it was torn from and what it cost are known', async () => {
    const spec = await scene.newSpec(longTool)
    const first = await open(spec)
    const work = messageOf('work')
    await first.send(work)
    await until(first, (now) => now.tools.size > 0)
    // No event tells that the agent wrote the call into its own file; the contract suite kills it before that.
    await eventually(() => transcriptOf(spec).includes('"name":"Bash"'), { what: 'the call in the transcript', deadlineMs: 20_000 })
    process.kill(sessionPids(spec.folder).agent, 'SIGKILL')
    const dead = await until(first, (now) => now.exit !== undefined)
    const torn = [...dead.tools.values()]
    expect(torn).toEqual([expect.objectContaining({ tool: 'Bash', summary: expect.stringContaining('node -e') })])
    expect(costUsd(dead.ledger)).toBeGreaterThan(0)
    const next = await open(scene.resumedSpec(spec))
    await next.send(messageOf(`go on. ${torn[0]?.summary} was running when you were cut off.`))
    await until(next, (now) => now.phase.kind === 'idle')
    expect(next.events).toContainEqual(expect.objectContaining({ type: 'text', text: 'I went on.' }))
  })

  it('a conversation whose file holds nothing yet is begun again under its id', async () => {
    const spec = await scene.newSpec(longTool)
    const project = join(scene.folder, 'home/.claude/projects/anything')
    mkdirSync(project, { recursive: true })
    writeFileSync(join(project, `${spec.conversationId}.jsonl`), '{"type":"custom-title","customTitle":"x"}\n')
    const session = await open({ ...spec, begin: 'resume' })
    await session.send(messageOf('begin again'))
    const facts = await until(session, (now) => now.lastOutcome !== undefined)
    expect(facts.lastOutcome?.outcome).toEqual({ kind: 'completed', text: 'I began again.' })
  })

  it('a second process for a conversation that runs is refused', async () => {
    const spec = await scene.newSpec(answers)
    await open(spec)
    const refused = await agent.open(scene.resumedSpec(spec)).catch((error: unknown) => failureCode(error))
    expect(refused).toBe('conversation-in-use')
    expect(existsSync(join(`${spec.folder}.2`, 'pid'))).toBe(false)
  })

  it('a wrong key ends the turn at the first refusal, and the process stays', async () => {
    const spec = await scene.newSpec('default:\n  - fail: { status: 401, times: always }\n    end: "never"\n')
    const session = await open(spec)
    const sentAt = Date.now()
    await session.send(messageOf('hello'))
    const facts = await until(session, (now) => now.lastOutcome !== undefined)
    expect(facts.lastOutcome?.outcome).toMatchObject({ kind: 'model-failed', cause: 'authentication' })
    expect(Date.now() - sentAt).toBeLessThan(10_000)
    await until(session, () => session.events.filter((event) => event.type === 'turn-ended').length === 2)
    const { requests } = await scene.model('default:\n  - fail: { status: 401, times: always }\n    end: "never"\n')
    expect(requests.filter((request) => request.outcome === 'failure').length).toBeLessThanOrEqual(2)
  })

  it('a background subagent keeps the session working after the first result', async () => {
    const spec = await scene.newSpec(`sessions:
  - match: { prompt: go and delegate }
    steps:
      - tool: { name: Agent, input: { description: sub, prompt: "count the files", subagent_type: general-purpose, run_in_background: true } }
      - end: "Delegated."
  - match: { prompt: count the files }
    steps:
      - bash: node -e "setTimeout(() => {}, 1000)"
      - end: "Counted."
`)
    const session = await open(spec)
    const phases: string[] = []
    let facts = initialFacts()
    session.onEvents((fresh) => {
      for (const event of fresh) {
        facts = evolve(facts, event)
        if (event.type === 'turn-ended') phases.push(facts.phase.kind)
      }
    })
    await session.send(messageOf('go and delegate'))
    await until(session, () => phases.length === 2)
    expect(phases).toEqual(['working', 'idle'])
  })

  it('a long text goes through a file of the worktree, and never through a link of the agent', async () => {
    const spec = await scene.newSpec(answers)
    const session = await open(spec)
    const message = messageOf('long '.repeat(20_000))
    await session.send(message)
    await until(session, (now) => now.received.has(message.id) && now.phase.kind === 'idle')
    expect(readFileSync(join(spec.worktree, '.orch/messages', `${message.id}.md`), 'utf8')).toBe(message.text)

    const trapped = await scene.newSpec(answers)
    symlinkSync(scene.folder, join(trapped.worktree, '.orch'))
    const refused = await (await open(trapped)).send(messageOf('long '.repeat(20_000))).catch((error: unknown) => failureCode(error))
    expect(refused).toBe('mailbox-not-a-folder')
    expect(existsSync(join(scene.folder, 'messages'))).toBe(false)
  })

  it('adds at most 4 KB to the first request of a plain session', async () => {
    const spec = await scene.newSpec(answers, { instructions: 'x'.repeat(1500) })
    const server = await scene.model(answers)
    const plain = spawn(program, ['-p', 'hello'], { cwd: spec.worktree, env: { ...spec.environment }, stdio: 'ignore' })
    await once(plain, 'exit')
    const session = await open(spec)
    await session.send(messageOf('hello'))
    await until(session, (now) => now.phase.kind === 'idle')
    const [bare, ours] = server.requests.filter((request) => request.role === 'session').map((request) => request.bytes)
    if (bare === undefined || ours === undefined) throw new Error('two requests were expected')
    expect(ours - bare).toBeLessThan(4096)
  })
})

function messageOf(text: string): SessionMessage {
  return { id: randomUUID(), text, when: 'next-turn' }
}

function transcriptOf(spec: SessionSpec): string {
  const projects = join(spec.environment.HOME ?? '', '.claude/projects')
  const file = readdirSync(projects, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(`${spec.conversationId}.jsonl`))
  return file === undefined ? '' : readFileSync(join(projects, file), 'utf8')
}

/** The facts at the first event that makes them so. */
function until(session: AgentSession, isTrue: (facts: SessionFacts) => boolean): Promise<SessionFacts> {
  const find = (): SessionFacts | undefined => {
    let facts = initialFacts()
    for (const event of session.events) {
      facts = evolve(facts, event)
      if (isTrue(facts)) return facts
    }
    return undefined
  }
  return eventually(find, { what: 'the session in the expected state', deadlineMs: 30_000 })
}
