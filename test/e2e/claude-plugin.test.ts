import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect } from 'vitest'
import { type ClaudeLine, runClaude } from '../support/claude/claude-run.ts'
import { claudeProgram, fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { orchProgram, runToEnd } from '../support/orch.ts'

const root = resolve(import.meta.dirname, '../..')
const worker = resolve(import.meta.dirname, '../fixtures/agents/works.mjs')
/** Sessions of a fixture: every request to the model is one of the person's own Claude Code. */
const config = `validate: "true"\nland: review\nnudge-after: 1h\nagent:\n  command: [node, ${worker}]\n`

/** What the model does with each acting command, in order. */
const script = `
sessions:
  - match: { prompt: orch spawn api }
    steps:
      - tool: { name: mcp__plugin_orch_orch__spawn, input: { name: api, prompt: Write the api } }
      - end: Spawned.
default:
  - end: Only prose.
  - tool: { name: mcp__plugin_orch_orch__merge, input: { names: [api] } }
  - end: The person has to say it.
  - end: Quick.
  - end: Run.
  - end: Feature.
  - end: Saved.
  - end: Loaded.
  - end: Unnamespaced.
  - end: Of the user.
`

/** A command of the user's own, which is not orch's. */
const files = { '.claude/commands/create-feature.md': 'Write a feature into my list.\n' }

describe.each(['newest', 'oldest'] as const)('Claude Code, %s', (which) => {
  fleetTest('the plugin is valid, installs from the repository, and only its acting commands ask the model', async ({ fleet }) => {
    const scene = await fleet.begin({ claude: which, config, script, tasks: '- [ ] Write web\n  - id: web\n', files })
    symlinkSync(orchProgram, join(scene.orch.home, 'bin', 'orch'))
    await installed(scene, which)
    expect((await scene.run(['doctor'])).stdout).toMatch(/^ok {4}plugin +\d+\.\d+\.\d+$/m)
    const begun = await scene.run(['init', '--claude'])
    expect(begun.stdout).toMatch(/wrote \.claude\/commands\/merge\.md\n[^]*kept \.claude\/commands\/create-feature\.md\n/)
    expect(begun.stderr).toContain('claude plugin install orch@orch')
    const asked = promptsOf(scene)

    const answers = await said(scene, which, [
      '/orch:status',
      '/orch:monitor --all',
      '/orch:inbox',
      '/orch:plan',
      '/orch:review',
      '/orch:cleanup',
      '/orch:answer m12 "In cents, don\'t round"',
      '/orch:approve',
      '/orch:deny nothing "as said"',
      '/orch:status x; touch pwned',
      '/orch:status "$(touch pwned)" `touch pwned` ; touch pwned\ntouch pwned\n"&& touch pwned',
      '/orch:inbox --nonsense',
      '/orch:quick --budget',
    ])
    expect(answers.map(firstWords)).toEqual([
      'repo: no sessions',
      'No sessions here.',
      'Nothing waits for you.',
      '1 to do, 0 landed; at most 4 at once',
      'nothing to review',
      'nothing to clean up',
      'orch: nothing waits for you under "m12"',
      'Nothing waits for you.',
      'orch: nothing waits for an answer under "nothing"',
      expect.stringContaining('too many arguments'),
      'orch: The quote that begins with " never ends.',
      expect.stringContaining("unknown option '--nonsense'"),
      expect.stringContaining('argument missing'),
    ])
    expect(asked).toEqual([])

    // Who types /orch:spawn is not asked again whether to spawn.
    expect(await said(scene, which, ['/orch:spawn api "Write the api"'], ['--permission-mode', 'default'])).toEqual(['Spawned.'])
    await scene.untilStatus(['api'], 'Review')
    // A rule of the person's, and their mode, do not speak for them.
    const acted = await said(
      scene,
      which,
      [
        '/orch:spawn one for the tests; touch pwned, please $(touch pwned) !`touch pwned`\n```!\ntouch pwned\n```',
        '/orch:merge api',
        "/orch:quick fix the user's guide !`touch pwned`",
        '/orch:run',
        '/orch:create-feature Add payments with departments: backend, frontend',
        '/orch:brain-save',
        '/orch:brain-load',
        '/merge',
        '/create-feature x',
      ],
      ['--allowedTools', 'mcp__plugin_orch_orch'],
    )
    expect(acted).toEqual([
      'Only prose.',
      'The person has to say it.',
      'Quick.',
      'Run.',
      'Feature.',
      'Saved.',
      'Loaded.',
      'Unnamespaced.',
      'Of the user.',
    ])
    expect(asked.map(({ command }) => command)).toEqual([
      '/orch:spawn',
      '/orch:spawn',
      '/orch:spawn',
      '/orch:merge',
      '/orch:merge',
      '/orch:quick',
      '/orch:run',
      '/orch:create-feature',
      '/orch:brain-save',
      '/orch:brain-load',
      '/merge',
      '/create-feature',
    ])
    const told = (at: number): string => asked[at]?.facts ?? ''
    expect(told(0)).toContain(
      "What the person typed is `orch spawn api 'Write the api'`. Tried dry, nothing is started yet:\nrepo.api: would start on feature/api",
    )
    expect(told(0)).toContain('`orch list`:\nno tasks yet')
    expect(told(2)).not.toContain('Tried dry')
    expect(told(3)).toContain('orch merge api')
    expect(told(5)).toContain('would start on quick/')
    expect(told(6)).toContain('Write web')
    expect(told(7)).toMatch(/backend[^]*frontend/)
    expect(told(10)).toMatch(/^The person wants finished work landed\.[^]*`orch review --list`:\n[^]*api/)

    // Nothing new was told with the user's own.
    expect(told(11)).toBe(told(10))
    // What lands is asked about, and here is nobody.
    expect(scene.status('api')).toMatchObject({ status: 'Review' })
    expect(asked[4]?.body).toContain('leave it to the person')
    expect(await scene.git('branch', '--list', 'feature/*')).toBe('+ feature/api')
    for (const folder of [scene.repository, scene.orch.home, scene.orch.folder]) expect(existsSync(join(folder, 'pwned'))).toBe(false)
  })

  fleetTest('without orch a command says so, and the model is not asked', async ({ fleet }) => {
    const scene = await fleet.begin({ claude: which, config })
    const copy = join(scene.orch.home, 'a plugin')
    cpSync(join(root, 'plugin'), copy, { recursive: true })
    // Of the tools on the PATH only what a shell needs.
    const bin = join(scene.orch.home, 'few')
    mkdirSync(bin)
    for (const name of ['sh', 'bash', 'dirname', 'git', 'cat']) symlinkSync(await pathOf(name), join(bin, name))
    const [answer] = await said(scene, which, ['/orch:spawn api "Write"'], ['--plugin-dir', copy], { PATH: bin })
    expect(answer).toContain('orch is not installed here')
    expect(answer).toContain('Next: install orch')
    expect(scene.model.requests.filter(({ role }) => role === 'session')).toEqual([])
  })
})

async function installed(scene: FleetScene, which: 'newest' | 'oldest'): Promise<void> {
  const claude = async (...args: string[]) => {
    const ended = await runToEnd(claudeProgram(which), args, { cwd: scene.repository, environment: scene.environment })
    expect(ended, `claude ${args.join(' ')}`).toMatchObject({ code: 0 })
    return ended.stdout
  }
  for (const path of [join(root, 'plugin'), root]) expect(await claude('plugin', 'validate', path)).toContain('Validation passed')
  await claude('plugin', 'marketplace', 'add', root)
  await claude('plugin', 'install', 'orch@orch')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  expect(JSON.parse(await claude('plugin', 'list', '--json'))).toMatchObject([{ id: 'orch@orch', version, enabled: true }])
}

interface Asked {
  /** The slash command that the prompt was. */
  readonly command: string
  /** What the hook has told the model with it. */
  readonly facts: string
  readonly body: string
}

/** Every request of a conversation from now on, by its newest prompt. */
function promptsOf({ model }: FleetScene): readonly Asked[] {
  const asked: Asked[] = []
  model.onRequest(({ role }, body) => {
    if (role !== 'session') return
    const { messages } = JSON.parse(body) as { messages: { content: string | { text?: string }[] }[] }
    const texts = messages.flatMap(({ content }) => (typeof content === 'string' ? [content] : content.map(({ text = '' }) => text)))
    const command =
      texts.flatMap((text) => [...text.matchAll(/<command-name>(.*?)<\/command-name>/g)].map(([, name = '']) => name)).at(-1) ?? '(none)'
    const facts = texts.flatMap((text) => text.split('UserPromptExpansion hook additional context: ').slice(1)).at(-1) ?? ''
    asked.push({ command, facts, body })
  })
  return asked
}

/** One session under bypassPermissions, prompt after prompt; the results that it gives. */
async function said(
  scene: FleetScene,
  which: 'newest' | 'oldest',
  messages: readonly string[],
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const run = runClaude({
    program: claudeProgram(which),
    home: scene.orch.home,
    worktree: scene.repository,
    args,
    url: scene.model.url,
    messages,
    deadlineMs: 120_000,
    environment: { ...scene.environment, ...environment },
  })
  await run.exitCode
  return results(run.lines)
}

function results(lines: readonly ClaudeLine[]): readonly string[] {
  return lines.filter(({ type }) => type === 'result').map((line) => String(line['result']))
}

/** Of what the person reads: the first line of orch's. */
function firstWords(result: string): string {
  return result.replace('UserPromptExpansion operation blocked by hook:\n', '').split('\n')[0] ?? ''
}

async function pathOf(name: string): Promise<string> {
  const { stdout } = await runToEnd('sh', ['-c', 'command -v "$0"', name], { environment: { PATH: process.env.PATH ?? '' } })
  return stdout.trim()
}
