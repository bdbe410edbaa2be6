import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { slashCommands } from '../../src/cli/claude/slash-commands.ts'
import { tools } from '../../src/cli/mcp/tools/tools.ts'
import { temporaryTree } from '../../test/support/temporary.ts'

const root = join(import.meta.dirname, '../..')
const plugin = join(root, 'plugin')
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))
const { version } = json('package.json') as { version: string }

test('the plugin and its marketplace have the version of the package, which carries both', () => {
  expect(json('plugin/.claude-plugin/plugin.json')).toMatchObject({ name: 'orch', version })
  expect(json('.claude-plugin/marketplace.json')).toMatchObject({ name: 'orch', plugins: [{ name: 'orch', source: './plugin', version }] })
  expect(json('package.json')).toMatchObject({ files: expect.arrayContaining(['plugin', '.claude-plugin']) })
})

describe('the slash commands', () => {
  const files = readdirSync(join(plugin, 'commands')).map((file) => [file.replace(/\.md$/, ''), frontMatter(`commands/${file}`)] as const)

  test('each has its file, and each file its command', () => {
    expect(files.map(([name]) => name).toSorted()).toEqual([...slashCommands.keys()].toSorted())
  })

  test.each(files)('/orch:%s is the person’s to type, and carries nothing that a shell would run', (name, { front, body }) => {
    expect(front).toMatchObject({ description: expect.any(String), 'argument-hint': expect.any(String), 'disable-model-invocation': true })
    expect(body).not.toMatch(/!`|```!/)
    const allowed = String(front['allowed-tools'] ?? '')
      .split(', ')
      .filter(Boolean)
    const acting = tools
      .filter(({ kind }) => kind === 'acting')
      .flatMap((tool) => [`mcp__plugin_orch_orch__${tool.name}`, `mcp__orch__${tool.name}`])
    expect(
      allowed.filter((tool) => !acting.includes(tool)),
      name,
    ).toEqual([])
  })

  test.each(readdirSync(join(plugin, 'skills')))('the skill %s is short', (name) => {
    const { front, body } = frontMatter(`skills/${name}/SKILL.md`)
    expect(front).toMatchObject({ name, description: expect.any(String) })
    expect(body.split('\n').length).toBeLessThanOrEqual(60)
  })
})

describe('before a tool of orch runs', () => {
  const { hooks } = json('plugin/hooks/hooks.json') as { hooks: Record<string, Matching[]> }
  const decisions = (tool: string) =>
    (hooks['PreToolUse'] ?? [])
      .filter(({ matcher = '' }) => new RegExp(matcher).test(tool))
      .flatMap(({ hooks: those }) => those.map(({ command }) => /^printf '%s' '(.*)'$/.exec(command)?.[1]))
      .flatMap((said) => (said === undefined ? [] : [JSON.parse(said).hookSpecificOutput.permissionDecision as string]))

  test.each(tools.map(({ name, kind }) => [name, { reading: ['allow'], acting: [], persons: ['ask'] }[kind]] as const))(
    '%s: %j',
    (name, expected) => {
      expect(decisions(`mcp__plugin_orch_orch__${name}`)).toEqual(expected)
    },
  )

  test('one that is not known yet is asked about, and another server’s is not allowed for its name', () => {
    expect(decisions('mcp__plugin_orch_orch__status_all')).toEqual(['ask'])
    expect(decisions('mcp__orch__merge')).toEqual(['ask'])
    expect(decisions('mcp__orch__status')).toEqual([])
    expect(decisions('mcp__other__merge')).toEqual([])
    expect(decisions('Bash')).toEqual([])
  })
})

describe('the launcher', () => {
  const launch = (mode: string, orch: string | undefined) => {
    const folder = temporaryTree({
      'a plugin/launch.sh': readFileSync(join(plugin, 'launch.sh'), 'utf8'),
      ...(orch !== undefined && { 'bin/orch': `#!/bin/sh\n${orch}\n` }),
    })
    if (orch !== undefined) chmodSync(join(folder, 'bin/orch'), 0o755)
    symlinkSync(spawnSync('sh', ['-c', 'command -v dirname'], { encoding: 'utf8' }).stdout.trim(), join(folder, 'dirname'))
    const { status, stdout, stderr } = spawnSync('/bin/sh', [join(folder, 'a plugin/launch.sh'), mode, 'a', 'b c; d'], {
      encoding: 'utf8',
      env: { PATH: folder },
    })
    return { status, stdout, stderr }
  }
  const says = (code: number) => `printf '%s|' "$@"; echo trouble >&2; exit ${code}`

  test.each([
    ['block', 0, { status: 0, stdout: 'a|b c; d|', stderr: 'trouble\n' }],
    ['block', 1, { status: 2, stderr: 'trouble\n' }],
    ['quiet', 0, { status: 0, stdout: 'a|b c; d|' }],
    ['quiet', 2, { status: 0, stderr: '' }],
    ['wake', 3, { status: 2, stderr: 'trouble\n' }],
    ['wake', 2, { status: 0 }],
    ['pass', 7, { status: 7, stdout: 'a|b c; d|' }],
  ])('%s: orch that ends with %i', (mode, code, expected) => {
    expect(launch(mode, says(code))).toMatchObject(expected)
  })

  test.each([
    ['block', 2],
    ['quiet', 0],
    ['wake', 0],
    ['pass', 2],
  ])('%s without orch ends with %i', (mode, status) => {
    const found = launch(mode, undefined)
    expect(found.status).toBe(status)
    expect(found.stderr).toEqual(status === 0 ? '' : expect.stringContaining('orch is not installed here'))
  })
})

interface Matching {
  readonly matcher?: string
  readonly hooks: readonly { readonly command: string }[]
}

function frontMatter(path: string): { front: Record<string, string | boolean>; body: string } {
  const [, front = '', body = ''] = /^---\n([^]*?)\n---\n([^]*)$/.exec(readFileSync(join(plugin, path), 'utf8')) ?? []
  return { front: parse(front) as Record<string, string | boolean>, body: body.trim() }
}
