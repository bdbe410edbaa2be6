import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claudePrograms } from '../../../test/support/claude/claude-scene.ts'
import { sessionArguments } from './command-line.ts'
import { sessionEnvironment } from './environment.ts'
import { locateProgram, probeProgram } from './locate.ts'
import { findLogin } from './login.ts'
import { permissionRules } from './settings.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'orch locate '))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function fakeClaude(name: string, version: string): string {
  const path = join(home, name)
  writeFileSync(path, `#!/bin/sh\necho "${version} (Claude Code)"\n`)
  chmodSync(path, 0o755)
  return path
}

test('the configured program goes before ORCH_CLAUDE, and that before the PATH', async () => {
  mkdirSync(join(home, 'bin'))
  const [one, two, three] = [fakeClaude('one', '3.0.0'), fakeClaude('two', '3.0.0'), fakeClaude('bin/claude', '3.0.0')]
  const PATH = `relative:${home}/nowhere:${home}/bin`
  expect(await locateProgram(one, { ORCH_CLAUDE: two, PATH })).toBe(one)
  expect(await locateProgram(undefined, { ORCH_CLAUDE: two, PATH })).toBe(two)
  expect(await locateProgram(undefined, { PATH })).toBe(three)
  expect(await probeProgram(undefined, { PATH: '/nowhere' })).toEqual({ kind: 'missing', program: 'claude' })
})

test('an old program is unsupported, an updated one is asked again', async () => {
  const program = fakeClaude('claude', '2.1.99')
  expect(await probeProgram(program, { HOME: home, PATH: '/bin' })).toMatchObject({
    kind: 'unsupported',
    version: '2.1.99',
    oldest: '2.1.197',
  })
  fakeClaude('claude', '2.2.0')
  utimesSync(program, 1, 1)
  const probe = await probeProgram(program, { HOME: home, PATH: '/bin', ANTHROPIC_API_KEY: 'k' })
  expect(probe).toEqual({ kind: 'ready', program, version: '2.2.0', login: 'present' })
})

test.each(Object.entries(claudePrograms))('the real program is ready: %s', async (_name, program) => {
  const probe = await probeProgram(program, { HOME: home, PATH: process.env.PATH ?? '', CLAUDE_CODE_OAUTH_TOKEN: 't' })
  expect(probe).toMatchObject({ kind: 'ready', login: 'present' })
})

test('a login is found in the environment or the file, and is unknown where a keychain may hold it', async () => {
  expect(await findLogin({ HOME: home }, 'linux')).toBe('absent')
  expect(await findLogin({ HOME: home }, 'darwin')).toBe('unknown')
  expect(await findLogin({ HOME: home, CLAUDE_CODE_USE_BEDROCK: '1' }, 'linux')).toBe('present')
  mkdirSync(join(home, 'config'))
  writeFileSync(join(home, 'config/.credentials.json'), '{}')
  expect(await findLogin({ HOME: home, CLAUDE_CONFIG_DIR: join(home, 'config') }, 'linux')).toBe('present')
})

const spec = {
  folder: '/o/s/1.1',
  conversationId: 'c',
  begin: 'new' as const,
  handle: '-x',
  worktree: '/src/repo-wt-x',
  branchRef: 'refs/heads/x',
  protectedPaths: ['/src/re(po)*'],
  environment: {},
  instructions: '--model=evil',
  permissions: { allow: ['Bash(npm test)'], ask: [], deny: ['Bash(git push:*)'] },
}

test('no text of ours becomes an option of its own, and every protected path has its rule', () => {
  const argv = sessionArguments(spec, '/o/s/1.1/settings.json')
  expect(argv.every((argument) => argument.startsWith('-'))).toBe(true)
  expect(argv).toContain('--append-system-prompt=--model=evil')
  expect(permissionRules(spec).deny).toEqual(['Bash(git push:*)', 'Edit(//src/re?po??/**)'])
  expect(() => permissionRules({ ...spec, worktree: '/src/repo/wt', protectedPaths: ['/src/repo'] })).toThrow(/lies inside/)
})

test('what a department has of its own: tools, permission mode, sub-agents that it has a tool to call', () => {
  const subagents = { finder: { description: 'finds', prompt: '--evil' } }
  const argv = sessionArguments({ ...spec, tools: ['Read', 'Edit'], permissionMode: 'plan', subagents }, '/o/s/1.1/settings.json')
  expect(argv).toEqual(
    expect.arrayContaining(['--tools=Read,Edit,Task', '--permission-mode=plan', `--agents=${JSON.stringify(subagents)}`]),
  )
})

test("an outer session's leftovers go, the user's own switches stay", () => {
  const environment = {
    CLAUDECODE: '1',
    CLAUDE_CODE_SESSION_ID: 's',
    CLAUDE_CODE_USE_VERTEX: '1',
    CLAUDE_CODE_MAX_RETRIES: '7',
    HOME: '/h',
  }
  expect(sessionEnvironment(environment)).toEqual({
    CLAUDE_CODE_MAX_RETRIES: '7',
    CLAUDE_CODE_STOP_HOOK_BLOCK_CAP: '0',
    CLAUDE_CODE_USE_VERTEX: '1',
    DISABLE_AUTOUPDATER: '1',
    HOME: '/h',
  })
})

test('a proxy is for what leaves the machine', () => {
  const proxy = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'intranet' }
  expect(sessionEnvironment(proxy)).toMatchObject(proxy)
  expect(sessionEnvironment(proxy, true)).toMatchObject({ NO_PROXY: 'intranet,127.0.0.1', no_proxy: 'intranet,127.0.0.1' })
  expect(sessionEnvironment({ http_proxy: 'http://proxy:3128' }, true)).toMatchObject({ NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' })
  expect(sessionEnvironment({}, true)).not.toHaveProperty('NO_PROXY')
})
