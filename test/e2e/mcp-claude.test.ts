import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { claudePrograms, runClaude, type ClaudeLine } from '../support/claude/claude-run.ts'
import { startOrch, type StartedOrch } from '../support/cli/started-orch.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const plugin = resolve(import.meta.dirname, '../../plugin')
const run = promisify(execFile)

/** Of the session's own children. The pattern does not match the shell that it is written in. */
const KILL = 'kill -9 $(pgrep -P $PPID -f "bin/orch mc[p]") && echo killed'

const script = `
sessions:
  - match: { task: lead }
    steps:
      - tool: { name: mcp__plugin_orch_orch__status, input: {} }
      - tool: { name: mcp__plugin_orch_orch__spawn, input: { name: login, prompt: "--manual" } }
      - bash: '${KILL}'
      - tool: { name: mcp__plugin_orch_orch__status, input: {} }
      - tool: { name: mcp__plugin_orch_orch__list, input: {} }
      - tool: { name: mcp__plugin_orch_orch__stop, input: { name: login } }
      - end: done
  - match: { task: shared }
    steps:
      - tool: { name: mcp__orch__status, input: {} }
      - tool: { name: mcp__orch__approve, input: { ids: [m1] } }
      - end: done
`

describe.each(claudePrograms)('Claude Code, $name', ({ name, program }) => {
  const answersTo = async (
    scene: FleetScene,
    task: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ) => {
    const { lines, exitCode } = runClaude({
      program,
      home: scene.orch.home,
      worktree: scene.repository,
      url: scene.model.url,
      messages: [`[orch task ${task}]\nDo it.`],
      args: ['--permission-mode', 'default', ...args],
      environment: { ...scene.environment, PWD: scene.repository, ...environment },
      deadlineMs: 120_000,
    })
    expect(await exitCode).toBe(0)
    return answers(lines)
  }

  fleetTest(
    'reads and spawns by tools, also when the server was killed; the word of the person is not said without them',
    async ({ fleet }) => {
      const scene = await fleet.begin({ script, claude: name })
      const heard = await answersTo(scene, 'lead', ['--plugin-dir', plugin, '--allowedTools', 'mcp__plugin_orch_orch__spawn,Bash'])
      expect(heard).toEqual([
        'repo: no sessions',
        'repo.login: started on feature/login',
        'killed',
        expect.stringMatching(/^repo: 1 /),
        expect.stringMatching(/^repo\.login /),
        expect.stringContaining('orch asks them first'),
      ])
      await scene.untilStatus(['login'], 'Review')
    },
  )

  fleetTest(
    'speaks with the shared server by the line that it prints, and a session of orch is told from the person',
    async ({ fleet }) => {
      const scene = await fleet.begin({ script, claude: name })
      const first = await serving(scene)
      const { stdout } = await scene.run(['mcp', '--http'])
      const line = /^ {2}(claude mcp add .*)$/m.exec(stdout)?.[1] ?? ''
      await run('sh', ['-c', line], { cwd: scene.repository, env: { ...scene.environment } })
      first.signal('SIGKILL')
      await first.ended
      const server = await serving(scene)
      expect(await answersTo(scene, 'shared', ['--allowedTools', 'mcp__orch'])).toEqual([
        'repo: no sessions',
        expect.stringContaining('nothing waits for you under "m1"'),
      ])
      expect(await answersTo(scene, 'shared', ['--allowedTools', 'mcp__orch'], { ORCH_SESSION: 'shop.login' })).toEqual([
        'repo: no sessions',
        expect.stringContaining('only the person says this'),
      ])
      server.signal('SIGTERM')
      expect((await server.ended).code).toBe(0)
    },
  )
})

async function serving(scene: FleetScene): Promise<StartedOrch> {
  const server = startOrch(scene, 'orch mcp --http'.split(' ').slice(1))
  await server.says('Serving tools at')
  await server.says('For other clients')
  return server
}

/** What the tools answered, in their order. */
function answers(lines: readonly ClaudeLine[]): readonly string[] {
  return lines
    .filter(({ type }) => type === 'user')
    .flatMap((line) => (line['message'] as { content: readonly { type: string; content: string | readonly { text: string }[] }[] }).content)
    .flatMap((block) =>
      block.type === 'tool_result'
        ? [typeof block.content === 'string' ? block.content : block.content.map(({ text }) => text).join('')]
        : [],
    )
}
