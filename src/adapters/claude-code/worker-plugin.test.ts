import { randomUUID } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ClaudeScene, claudePrograms } from '../../../test/support/claude/claude-scene.ts'
import { until } from '../../../test/support/eventually.ts'
import { runToEnd } from '../../../test/support/orch.ts'
import { writeTree } from '../../../test/support/temporary.ts'
import type { SessionSpec } from '../../ports/agent.ts'
import { ClaudeAgent } from './claude-agent.ts'
import { WORKER_PLUGIN } from './command-line.ts'
import { PERSONS_PLUGIN } from '../../platform/environments/claude-config.ts'

const script = `default:
  - tool: { name: Skill, input: { skill: "orch-worker:team" } }
  - end: "Over."
`

describe.each(Object.entries(claudePrograms))('plugins of sessions of Claude Code, %s', (_name, program) => {
  const agent = new ClaudeAgent({ program })
  let scene: ClaudeScene
  let heard: string[]

  beforeEach(async () => {
    scene = new ClaudeScene()
    heard = []
    ;(await scene.model(script)).onRequest(({ role }, body) => void (role === 'session' && heard.push(body)))
  })
  afterEach(() => scene.close())

  test("a worker has the team's words when it wants them, and nothing of what the person has installed", async () => {
    // In the mode that asks most, nobody is asked.
    const spec = await scene.newSpec(script, { permissionMode: 'default' })
    const person = installPersonsPlugin(scene, spec, program)
    const init = await turnOf(spec)
    expect(init.plugins.map(({ name }) => name)).toContain('orch-worker')
    expect(init.plugins.map(({ source }) => source)).not.toContain(PERSONS_PLUGIN)
    expect(init.mcp_servers).toEqual([])
    expect(init.slash_commands.filter((name) => name.startsWith('orch'))).toEqual(['orch-worker:team'])
    expect(heard.at(0)).not.toContain('orch escalate')
    expect(heard.at(-1)).toContain('orch escalate')
    expect(person.traces()).toEqual([])

    const reviewer = await scene.newSpec(script, { isReadOnly: true })
    const reviews = await turnOf(reviewer)
    expect(reviews.plugins.filter(({ name }) => name.startsWith('orch'))).toEqual([])
    expect(reviews.mcp_servers).toEqual([])
    expect(person.traces()).toEqual([])
  })

  test("a person's own session keeps what they have installed, and hears of mail that orch cannot hand to it", async () => {
    const spec = await scene.newSpec(script, { hooks: { contextFile: join(scene.folder, 'in force.md') } })
    const person = installPersonsPlugin(scene, spec, program)
    const inbox = join(spec.worktree, '.orch', 'inbox', 'new')
    mkdirSync(inbox, { recursive: true })
    writeFileSync(join(inbox, 'm3.md'), 'hello')
    const { argv, again } = await agent.manualCommand(spec)
    const type = ([file = '', ...rest]: readonly string[]) =>
      runToEnd(file, ['-p', 'hello', ...rest], { cwd: spec.worktree, environment: spec.environment })
    expect(await type(argv)).toMatchObject({ code: 0 })
    expect(heard.at(0)).toContain('Others have written to you (1 new)')
    expect(person.traces()).toEqual(['hook', 'server'])
    rmSync(inbox, { recursive: true })
    writeFileSync(join(scene.folder, 'in force.md'), 'DECIDED: money is integers.\n')
    heard.length = 0
    expect(await type(again)).toMatchObject({ code: 0 })
    expect(heard.at(-1)).toContain('DECIDED: money is integers.')
    expect(JSON.parse(heard.at(-1) ?? '').messages.filter(says('Others have written'))).toHaveLength(1)
  })

  test('the plugin is a valid one', () => {
    expect(execFileSync(program, ['plugin', 'validate', WORKER_PLUGIN], { encoding: 'utf8' })).toContain('Validation passed')
  })

  async function turnOf(spec: SessionSpec): Promise<Init> {
    const session = await agent.open(spec)
    await session.send({ id: randomUUID(), text: 'go', when: 'next-turn' })
    await until(() => session.events.some(({ type }) => type === 'turn-ended'), { what: 'the end of the turn', deadlineMs: 30_000 })
    expect(session.events.filter(({ type }) => type === 'permission-asked')).toEqual([])
    await session.stop()
    const lines = readFileSync(join(spec.folder, 'out.jsonl'), 'utf8').split('\n')
    return JSON.parse(lines.find((line) => line.includes('"subtype":"init"')) ?? '') as Init
  }
})

test("the person's plugin is called what its marketplace says", () => {
  const market: unknown = JSON.parse(readFileSync(new URL('../../../.claude-plugin/marketplace.json', import.meta.url), 'utf8'))
  const [name = '', marketName] = PERSONS_PLUGIN.split('@')
  expect(market).toMatchObject({ name: marketName, plugins: [{ name }] })
})

interface Init {
  readonly plugins: readonly { readonly name: string; readonly source?: string }[]
  readonly mcp_servers: readonly unknown[]
  readonly slash_commands: readonly string[]
}

function says(text: string): (message: unknown) => boolean {
  return (message) => JSON.stringify(message).includes(text)
}

/** A plugin of the name of orch's, at user scope, of which every part leaves a trace. */
function installPersonsPlugin({ folder }: ClaudeScene, { environment }: SessionSpec, program: string): { traces(): readonly string[] } {
  const [name = '', market = ''] = PERSONS_PLUGIN.split('@')
  const trace = (part: string): string => `: > '${join(folder, `trace-${part}`)}'`
  const plugin = { name, version: '0.1.0', description: 'Traces', author: { name } }
  writeTree(join(folder, 'market'), {
    '.claude-plugin/marketplace.json': JSON.stringify({ name: market, owner: { name }, plugins: [{ ...plugin, source: './plugin' }] }),
    'plugin/.claude-plugin/plugin.json': JSON.stringify(plugin),
    'plugin/commands/spawn.md': 'Spawn.\n',
    'plugin/.mcp.json': JSON.stringify({ mcpServers: { orch: { command: 'sh', args: ['-c', `${trace('server')}; exit 1`] } } }),
    'plugin/hooks/hooks.json': JSON.stringify({ hooks: { SessionStart: [{ hooks: [{ type: 'command', command: trace('hook') }] }] } }),
  })
  const options = { env: { ...environment }, stdio: 'ignore' } as const
  execFileSync(program, ['plugin', 'marketplace', 'add', join(folder, 'market')], options)
  execFileSync(program, ['plugin', 'install', PERSONS_PLUGIN], options)
  return { traces: () => ['hook', 'server'].filter((part) => existsSync(join(folder, `trace-${part}`))) }
}
