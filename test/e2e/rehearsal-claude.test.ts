import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, type TestContext } from 'vitest'
import { claudePrograms, newClaudeFolder, runClaude, type ClaudeLine, type ClaudeRunOptions } from '../support/claude/claude-run.ts'
import { startModelServer, type ModelServer } from '../../src/rehearsal/model-server.ts'
import { parseScript } from '../../src/rehearsal/script/script.ts'

type Stage = { server: ModelServer; home: string; worktree: string }

// The tests run side by side, so clean-up hangs on the context of each and never on vitest's current test.
async function stage(context: TestContext, steps: string): Promise<Stage> {
  const parsed = parseScript(`sessions:\n  - match: { task: api }\n    steps:\n${steps.trim().replace(/^/gm, '      ')}\n`)
  if (parsed.kind !== 'script') throw new Error(JSON.stringify(parsed.problems))
  const server = await startModelServer({ script: parsed.script })
  const { home, worktree, remove } = newClaudeFolder()
  context.onTestFinished(async () => {
    await server.stop()
    remove()
  })
  return { server, home, worktree }
}

async function play(
  context: TestContext,
  program: string,
  steps: string,
  more: Partial<ClaudeRunOptions> = {},
): Promise<Stage & { lines: readonly ClaudeLine[]; exit: number | null }> {
  const at = await stage(context, steps)
  const run = runClaude({
    program,
    home: at.home,
    worktree: at.worktree,
    url: at.server.url,
    messages: ['[orch task api]\nDo it.'],
    args: ['--tools', 'Bash,Read,Edit,Write'],
    ...more,
  })
  context.onTestFinished(() => run.stop())
  return { ...at, lines: run.lines, exit: await run.exitCode }
}

/** What the model server was asked: the step, and what it made of it. */
const asked = (server: ModelServer) =>
  server.requests
    .filter((one) => one.role !== 'probe')
    .map((one) => `${one.turn}.${one.step} ${one.outcome === 'failure' ? one.detail : one.outcome}`)
const retries = (lines: readonly ClaudeLine[]) =>
  lines.filter((line) => line.subtype === 'api_retry').map((line) => [line['error_status'], line['error']])
const results = (lines: readonly ClaudeLine[]) => lines.filter((line) => line.type === 'result')
const marker = '- bash: echo before\n'
const after = '\n- bash: echo ran >> ran.txt\n- end: fine'

describe.each(claudePrograms)('Claude Code, $name', { timeout: 60_000 }, ({ name, program }) => {
  test.concurrent('a session writes, edits, commits, and ends; later messages go on in the list', async (context) => {
    const { server, worktree, lines, exit } = await play(
      context,
      program,
      `
- text: I will add the file.
  tools: [ { write: src/api.js, content: "export const a = 1\\n" }, { bash: "git add -A && git commit -qm 'Add api'" } ]
- { edit: src/api.js, from: a = 1, to: a = 2 }
- { bash: git commit -qam 'Change api', usage: { input: 1200, output: 300 } }
- end: All done
- end: Still done`,
      { messages: ['[orch task api]\nDo it.', 'and now?', '/compact', 'and after that?'] },
    )
    expect(exit).toBe(0)
    expect(readFileSync(join(worktree, 'src/api.js'), 'utf8')).toBe('export const a = 2\n')
    expect(execFileSync('git', ['log', '--format=%s'], { cwd: worktree, encoding: 'utf8' })).toBe('Change api\nAdd api\n')
    expect(
      results(lines)
        .map((line) => line['result'])
        .filter(Boolean),
    ).toEqual(['All done', 'Still done', 'Nothing is left to do.'])
    expect(server.requests.filter((one) => one.role === 'session').map((one) => one.step)).toEqual([0, 1, 2, 3, 4, 5])
    expect(server.requests.filter((one) => one.role === 'compaction')).toHaveLength(1)
    expect(new Set(server.requests.filter((one) => one.role === 'session').map((one) => one.session)).size).toBe(1)
  })

  test.concurrent.for([
    ['429 with retry-after', '- fail: { status: 429, retry-after: 1 }', '429', [429, 'rate_limit']],
    ['500', '- fail: 500', '500', [500, 'server_error']],
    ['529', '- fail: 529', '529', [529, 'overloaded']],
    ['401', '- fail: 401', '401', [401, 'authentication_failed']],
    ['a reset connection', '- fail: reset', 'reset', [null, 'unknown']],
    ['a refused connection', '- fail: { kind: refused, for: 300ms }', 'refused', [null, 'unknown']],
  ] as const)('%s is retried and the step answered once', async ([, failure, detail, retry], context) => {
    const { server, worktree, lines, exit } = await play(context, program, marker + failure + after)
    expect(asked(server)).toEqual(['0.0 reply', `0.1 ${detail}`, '0.1 reply', '0.2 reply'])
    expect(retries(lines)[0]).toEqual(retry)
    expect(results(lines)[0]).toMatchObject({ is_error: false, stop_reason: 'end_turn' })
    expect([exit, readFileSync(join(worktree, 'ran.txt'), 'utf8')]).toEqual([0, 'ran\n'])
  })

  test.concurrent.for(['cut', 'cut-in-tool', 'error-event', '{ kind: stalled, for: 500ms }'] as const)(
    'a stream that breaks (%s) is asked for again, and the half call never ran',
    async (failure, context) => {
      const { server, worktree, lines, exit } = await play(context, program, `${marker}- fail: ${failure}${after}`)
      expect(asked(server).map((one) => one.split(' ')[0])).toEqual(['0.0', '0.1', '0.1', '0.2'])
      expect(results(lines).map((line) => [line['is_error'], line['result']])).toEqual([[false, 'fine']])
      expect([exit, readFileSync(join(worktree, 'ran.txt'), 'utf8')]).toEqual([0, 'ran\n'])
    },
  )

  test.concurrent('a stream without message_stop: the newest asks again, the oldest takes it for a success', async (context) => {
    const { server, lines } = await play(context, program, `${marker}- fail: no-stop${after}`, {
      messages: ['[orch task api]\nDo it.', 'go on'],
    })
    const texts = results(lines).map((line) => line['result'])
    expect(texts).toEqual(name === 'newest' ? ['fine', 'Nothing is left to do.'] : ['This answer breaks off here.', 'fine'])
    expect(asked(server).slice(0, 4)).toEqual(['0.0 reply', '0.1 no-stop', '0.1 reply', '0.2 reply'])
  })

  test.concurrent.for([
    [529, 'overloaded'],
    [401, 'authentication_failed'],
  ] as const)('%i without end becomes an error result after the retries', async ([status, error], context) => {
    const { server, lines, exit } = await play(context, program, `- { fail: { status: ${status}, times: always }, bash: ls }`, {
      environment: { CLAUDE_CODE_MAX_RETRIES: '1' },
    })
    expect(retries(lines)).toEqual([[status, error]])
    expect(results(lines)).toMatchObject([{ subtype: 'success', is_error: true, api_error_status: status, stop_reason: 'stop_sequence' }])
    expect([exit, server.requests.filter((one) => one.role === 'session').length]).toEqual([1, 2])
  })

  test.concurrent('an empty account ends the turn at once; the next message gets the step', async (context) => {
    const { server, lines } = await play(context, program, `${marker}- { fail: billing, end: fine }`, {
      messages: ['[orch task api]\nDo it.', 'paid'],
    })
    expect(results(lines).map((line) => [line['is_error'], line['api_error_status'], line['result']])).toEqual([
      [true, 400, 'Credit balance is too low'],
      [false, null, 'fine'],
    ])
    expect([retries(lines), asked(server)]).toEqual([[], ['0.0 reply', '0.1 billing', '0.1 reply']])
  })

  test.concurrent('a prompt that is too long: the newest summarises and finds its step again', async (context) => {
    const { server, lines } = await play(context, program, `${marker}- fail: prompt-too-long${after}`)
    if (name === 'newest')
      expect(server.requests.map((one) => `${one.role} ${one.task ?? ''} ${one.step} ${one.outcome}`)).toEqual([
        'session api 0 reply',
        'session api 1 failure',
        'compaction api 1 reply',
        'session api 1 reply',
        'session api 2 reply',
      ])
    expect(results(lines)).toMatchObject([
      name === 'newest' ? { is_error: false, result: 'fine' } : { is_error: true, result: 'Prompt is too long' },
    ])
  })

  test.concurrent('a subscription limit is announced with its time and not retried', async (context) => {
    const login = { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' }
    const before = Math.floor(Date.now() / 1000)
    const { server, lines } = await play(
      context,
      program,
      `- { limit: { used: 0.93, resets-in: 30m }, bash: ls }\n- { limit: { resets-in: 30m }, end: fine }`,
      { environment: login },
    )
    const told = lines
      .filter((line) => line.type === 'rate_limit_event')
      .map((line) => line['rate_limit_info'] as { status: string; resetsAt: number; rateLimitType: string })
    expect(told.map((one) => one.status)).toEqual(expect.arrayContaining(['allowed_warning', 'rejected']))
    const rejected = told.find((one) => one.status === 'rejected')
    expect(rejected?.rateLimitType).toBe('five_hour')
    expect((rejected?.resetsAt ?? 0) - before).toBeGreaterThanOrEqual(1800)
    expect(results(lines)).toMatchObject([{ is_error: true, api_error_status: 429 }])
    expect([retries(lines), asked(server)]).toEqual([[], ['0.0 reply', '0.1 limit five_hour']])
  })

  test.concurrent('a subagent is answered beside the script', async (context) => {
    const input = '{ description: look, prompt: "Look around", subagent_type: general-purpose, run_in_background: false }'
    const { server, lines } = await play(context, program, `- tool: { name: Agent, input: ${input} }\n- end: fine`, { args: [] })
    expect(server.requests.filter((one) => one.role !== 'probe').map((one) => `${one.role} ${one.step}`)).toEqual([
      'session 0',
      'subagent 0',
      'session 1',
    ])
    expect(results(lines).at(-1)).toMatchObject({ is_error: false, result: 'fine' })
  })

  // Alone, because what the transcript holds at the kill depends on the machine's load.
  test('killed in a tool and resumed: the oldest asks for the step again, the newest for the next one', async (context) => {
    const command = 'if [ -e started ]; then echo again; else echo $$ > pid && mv pid started && exec tail -f /dev/null; fi'
    const { server, home, worktree } = await stage(context, `- bash: echo one\n- bash: ${JSON.stringify(command)}\n- end: fine`)
    const base = { program, home, worktree, url: server.url }
    const first = runClaude({ ...base, messages: ['[orch task api]\nDo it.'] })
    await expect.poll(() => existsSync(join(worktree, 'started')), { timeout: 20_000 }).toBe(true)
    context.onTestFinished(() => killOrphan(Number(readFileSync(join(worktree, 'started'), 'utf8'))))
    // Claude Code writes its transcript a little late; killed before, it would come back with an even older conversation.
    await expect.poll(() => transcript(home).includes('toolu_01T0S1x'), { timeout: 20_000 }).toBe(true)
    first.stop()
    await first.exitCode
    const session = server.requests.find((one) => one.session !== '')?.session ?? ''
    const second = runClaude({ ...base, messages: ['You were interrupted. Look at git status, then go on.'], args: ['--resume', session] })
    expect(await second.exitCode).toBe(0)
    expect(results(second.lines)).toMatchObject([{ is_error: false, result: 'fine' }])
    expect(asked(server)).toEqual(['0.0 reply', '0.1 reply', ...(name === 'newest' ? [] : ['0.1 reply']), '0.2 reply'])
  })
})

function transcript(home: string): string {
  const projects = join(home, '.claude/projects')
  const files = existsSync(projects)
    ? readdirSync(projects, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jsonl'))
    : []
  return files.map((name) => readFileSync(join(projects, name), 'utf8')).join('')
}

// The tool of a killed agent lives on as an orphan.
function killOrphan(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
