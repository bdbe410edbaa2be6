import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClaudeScene, claudePrograms } from '../../../test/support/claude/claude-scene.ts'
import { until } from '../../../test/support/eventually.ts'
import type { AgentSession, EditRuling, SessionSpec } from '../../ports/agent.ts'
import { ClaudeAgent } from './claude-agent.ts'

const edits = `default:
  - write: theirs.txt
    content: mine now
  - write: mine.txt
    content: mine
  - end: "Over."
`

describe.each(Object.entries(claudePrograms))('hooks of a session of Claude Code, %s', (_name, program) => {
  const agent = new ClaudeAgent({ program })
  let scene: ClaudeScene
  const closing: (() => void)[] = []

  beforeEach(() => {
    scene = new ClaudeScene()
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) close()
    await scene.close()
  })

  const say = async (session: AgentSession, text: string): Promise<void> => {
    const turns = ended(session)
    await session.send({ id: randomUUID(), text, when: 'next-turn' })
    await until(() => ended(session) > turns, { what: 'the end of the turn', deadlineMs: 30_000 })
  }
  const open = async (spec: SessionSpec): Promise<AgentSession> => {
    const session = await agent.open(spec)
    closing.push(() => session.detach())
    return session
  }
  const bodies = async (script: string): Promise<string[]> => {
    const found: string[] = []
    const server = await scene.model(script)
    closing.push(server.onRequest(({ role }, body) => void (role === 'session' && found.push(body))))
    return found
  }
  /** As the daemon rules: what is called theirs is not for this session. */
  const guard = async (ruling: EditRuling): Promise<{ url: string; asked: string[] }> => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', (chunk) => (text += chunk))
      request.on('end', () => {
        const attempt = agent.editHook.read(JSON.parse(text))
        asked.push(attempt?.path ?? text)
        const isTheirs = attempt?.path.endsWith('theirs.txt') === true
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(agent.editHook.answer(isTheirs ? ruling : { kind: 'allow' })))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close().closeAllConnections())
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/hooks/secret`, asked }
  }

  it('an edit that is refused does not happen, the model hears why, and no secret stands in the command line', async () => {
    const { url, asked } = await guard({ kind: 'deny', reason: 'It belongs to backend: orch ask backend "…".' })
    const heard = await bodies(edits)
    const spec = await scene.newSpec(edits, { hooks: { editGuard: url } })
    await say(await open(spec), 'go')
    expect(asked).toEqual([join(spec.worktree, 'theirs.txt'), join(spec.worktree, 'mine.txt')])
    expect(existsSync(join(spec.worktree, 'theirs.txt'))).toBe(false)
    expect(readFileSync(join(spec.worktree, 'mine.txt'), 'utf8')).toBe('mine')
    expect(heard.some((body) => body.includes('It belongs to backend: orch ask backend'))).toBe(true)
    expect(statSync(join(spec.folder, 'settings.json')).mode & 0o777).toBe(0o600)
  })

  it('what it asks goes past a proxy', async () => {
    const { url, asked } = await guard({ kind: 'deny', reason: 'no' })
    const spec = await scene.newSpec(edits, { hooks: { editGuard: url } })
    await say(await open({ ...spec, environment: { ...spec.environment, HTTP_PROXY: 'http://127.0.0.1:9' } }), 'go')
    expect(asked).toHaveLength(2)
    expect(existsSync(join(spec.worktree, 'theirs.txt'))).toBe(false)
  })

  it('an edit with a remark happens, and the model hears the remark', async () => {
    const { url } = await guard({ kind: 'allow', remark: 'It belongs to backend: tell them.' })
    const heard = await bodies(edits)
    const spec = await scene.newSpec(edits, { hooks: { editGuard: url } })
    await say(await open(spec), 'go')
    expect(readFileSync(join(spec.worktree, 'theirs.txt'), 'utf8')).toBe('mine now')
    expect(heard.some((body) => body.includes('It belongs to backend: tell them.'))).toBe(true)
  })

  it.each(['allow', 'deny'] as const)('an edit that a person is asked about: %s', async (kind) => {
    const { url } = await guard({ kind: 'ask', reason: 'It belongs to backend.' })
    const spec = await scene.newSpec(edits, { hooks: { editGuard: url } })
    const session = await open(spec)
    const turn = say(session, 'go')
    const asked = await until(() => session.events.find((event) => event.type === 'permission-asked'), {
      what: 'the question',
      deadlineMs: 30_000,
    })
    expect(asked.request).toMatchObject({ tool: 'Write', summary: join(spec.worktree, 'theirs.txt') })
    await session.answer(asked.request, kind === 'allow' ? { kind } : { kind, reason: 'not today' })
    await turn
    expect(existsSync(join(spec.worktree, 'theirs.txt'))).toBe(kind === 'allow')
  })

  it('a guard that is gone stops nobody', async () => {
    const spec = await scene.newSpec(edits, { hooks: { editGuard: 'http://127.0.0.1:9/v1/hooks/secret' } })
    await say(await open(spec), 'go')
    expect(readFileSync(join(spec.worktree, 'mine.txt'), 'utf8')).toBe('mine')
  })

  it('what is in force is told again after a compaction and in the next process, and costs a plain session nothing', async () => {
    const script = 'default:\n  - end: "Over."\n'
    const [plain, told] = [await scene.newSpec(script), join(scene.folder, "it's in force.md")]
    const spec = await scene.newSpec(script, { hooks: { contextFile: told } })
    const heard = await bodies(script)
    await say(await open(plain), 'hello')
    const session = await open(spec)
    await say(session, 'hello')
    const [bare, ours] = heard.splice(0).map((body) => body.length)
    expect(ours).toBeLessThan((bare ?? 0) + 32)
    writeFileSync(told, 'DECIDED: money is integers.\n')
    // The oldest compacts nothing that is shorter.
    await say(session, 'and what else?')
    await say(session, '/compact')
    await say(session, 'and now?')
    expect(heard.at(-1)?.includes('DECIDED: money is integers.')).toBe(true)
    writeFileSync(told, 'DECIDED: anew.\n')
    await session.stop()
    await say(await open(scene.resumedSpec(spec)), 'go on')
    expect(heard.at(-1)?.includes('DECIDED: anew.')).toBe(true)
  })
})

function ended(session: AgentSession): number {
  return session.events.filter((event) => event.type === 'turn-ended').length
}
