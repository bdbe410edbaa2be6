import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configJsonSchema, renderConfigGuide, renderConfigTemplate } from './config-docs.ts'
import { parseConfigFile, setInConfigFile } from './config-file.ts'
import { commandLine } from '../domain/queue/step.ts'
import { detectSetup, detectValidation } from './detect-validation.ts'
import { loadConfig } from './load-config.ts'
import { defaultConfig, optionNames, optionOf } from './options.ts'
import { configEntries, resolveConfig } from './resolve-config.ts'
import { writeConfigValue } from './write-config.ts'

const problems = (text: string) => parseConfigFile(text, 'orch.yaml', 'project').problems

describe('the table', () => {
  test('every default is a value of its own kind and survives being written and read', () => {
    for (const name of optionNames) {
      const { kind, default: value } = optionOf(name)
      if (value !== undefined && value !== null) expect(kind.read(kind.write(value)), name).toEqual({ kind: 'read', value })
    }
    expect(new Set(optionNames.map((name) => optionOf(name).env)).size).toBe(optionNames.length)
    expect(new Set(optionNames.map((name) => optionOf(name).path)).size).toBe(optionNames.length)
  })

  test('options load without YAML or a schema library', () => {
    const refuse =
      "export async function resolve(name, context, next) { if (name === 'yaml' || name === 'valibot') throw new Error('loads ' + name); return next(name, context) }"
    const register = `data:text/javascript,import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(refuse)}`)})`
    const load = (file: string) =>
      execFileSync(
        process.execPath,
        ['--import', 'tsx', '--import', register, '--input-type=module', '-e', `await import('./src/config/${file}')`],
        { encoding: 'utf8', stdio: 'pipe' },
      )
    for (const file of ['options.ts', 'load-config.ts', 'config-docs.ts', 'resolve-config.ts']) expect(() => load(file), file).not.toThrow()
    expect(() => load('config-file.ts')).toThrow('loads valibot')
  }, 30_000)

  test('the guide in the repository is the one the table gives', async () => {
    await expect(renderConfigGuide()).toMatchFileSnapshot('../../docs/guide/configuration.md')
  })

  test('the template is valid, says nothing but what was found, and its comments are valid too', () => {
    const template = renderConfigTemplate({
      validate: [
        { name: 'lint', run: 'npm run lint' },
        { name: 'test', run: 'npm test && echo "ok"' },
      ],
    })
    expect(problems(template)).toEqual([])
    expect(parse(template)).toEqual({ validate: [{ lint: 'npm run lint' }, { test: 'npm test && echo "ok"' }] })
    const uncommented = template.replace(/^# (?=[a-z-]+:|  )/gm, '').replace(/^ {2}# .*$/gm, '')
    const { values, problems: wrong } = parseConfigFile(uncommented, 'orch.yaml', 'project')
    expect(wrong).toEqual([])
    expect(values).toMatchObject({ max: 4, deny: ['Bash(git push:*)'], idleWarningMs: 7_200_000 })
  })

  test('the JSON schema knows every option and no other', () => {
    const schema = configJsonSchema() as { properties: Record<string, { properties?: object }>; additionalProperties: boolean }
    expect(schema.additionalProperties).toBe(false)
    const paths = Object.entries(schema.properties).flatMap(([key, value]) =>
      value.properties === undefined ? [key] : Object.keys(value.properties).map((inner) => `${key}.${inner}`),
    )
    expect(paths.toSorted()).toEqual(optionNames.map((name) => optionOf(name).path).toSorted())
  })
})

describe('orch.yaml', () => {
  test('values are read with their lines', () => {
    const file = parseConfigFile(
      '# comment\nmax: 8\nagent:\n  command: [my-agent, --fast]\nwarn:\n  idle: 30m\nmodel:\nbudget: $2.5\n',
      'orch.yaml',
      'project',
    )
    expect(file.problems).toEqual([])
    expect(file.values).toEqual({ max: 8, agent: { command: ['my-agent', '--fast'] }, idleWarningMs: 1_800_000, budgetUsd: 2.5 })
    expect(file.lines).toEqual({ max: 2, agent: 3, idleWarningMs: 6, budgetUsd: 8 })
  })

  test('unknown keys are refused with line and suggestion', () => {
    expect(problems('max: 4\nvalidat: npm test\n')).toEqual([
      { where: 'orch.yaml:2', message: 'unknown option "validat"; did you mean "validate"?', suggestion: 'validate' },
    ])
    expect(problems('warn:\n  idle: 2h\n  worktree-agee: 1h\n')).toMatchObject([{ where: 'orch.yaml:3', suggestion: 'warn.worktree-age' }])
    expect(problems('warns:\n  idle: 2h\n')).toMatchObject([{ where: 'orch.yaml:1', suggestion: 'warn' }])
    expect(problems('zebra: 1\n')).toMatchObject([{ message: 'unknown option "zebra"' }])
    expect(problems('zebra:\n')).toMatchObject([{ message: 'unknown option "zebra"' }])
    expect(problems('__proto__: 1\n')).toHaveLength(1)
  })

  test.each([
    'max: 0',
    'max: many',
    'max: 1.5',
    'land: maybe',
    'copy: .env',
    'copy: [1]',
    'validate-timeout: 30',
    'validate-timeout: 0m',
    'agent: other',
    'agent: {command: []}',
    'agent: {command: [a], x: 1}',
    'branch: fixed',
    'branch: "{taks}"',
    'worktree: "../{task}"',
    'budget: -1',
    'isolation: sandbox',
    'warn: 3',
    'validate: ""',
    'validate: []',
    'validate: [npm test]',
    'validate: [{timeout: 5m}]',
    'validate: [{a: x, b: y}]',
    'validate: [{a: x}, {a: y}]',
    'validate: [{../a: x}]',
    'validate: [{a: ""}]',
    'validate: [{a: x, timeout: 5}]',
    'validate: [{a: x, report: other}]',
    'validate: [{a: x, report: {junit: ../out.xml}}]',
    'validate: [{a: x, needs: [b]}, {b: x}]',
    'validate: [{a: x, needs: b}]',
    'validate: [{setup: x}]',
    'validate: [{a: x}, {setup: y}]',
    'slots: 17',
    'strategy: other',
    'claude-path: /tmp/evil',
    'notify: {command: [/tmp/evil]}',
    'notify: {webhooks: ["https://elsewhere.example/"]}',
    'notify: {rules: [{kinds: [landed]}]}',
    'notify: {rules: [{kinds: [nothing], quiet: tell}]}',
    'notify: {rules: [{channels: [pigeon]}]}',
  ])('a wrong value is refused with its line: %s', (line) => {
    expect(problems(`# first\n${line}\n`)).toMatchObject([{ where: 'orch.yaml:2' }])
  })

  test('a validation is one command or named steps', () => {
    const steps = (text: string) => parseConfigFile(text, 'orch.yaml', 'project').values.validate
    expect(steps('validate: npm test\n')).toEqual([{ name: 'validate', run: 'npm test' }])
    const list =
      'validate:\n  - build: npm run build\n  - lint: npm run lint\n    timeout: 5m\n  - test: npx vitest run\n    report: vitest\n  - e2e: make e2e\n    report: {junit: out/e2e.xml}\n    needs: [build]\n'
    expect(problems(list)).toEqual([])
    const read = steps(list)
    expect(read).toEqual([
      { name: 'build', run: 'npm run build' },
      { name: 'lint', run: 'npm run lint', timeoutMs: 300_000 },
      { name: 'test', run: 'npx vitest run', report: 'vitest' },
      { name: 'e2e', run: 'make e2e', report: { junit: 'out/e2e.xml' }, needs: ['build'] },
    ])
    const { kind } = optionOf('validate')
    expect(kind.read(kind.write(read ?? []))).toEqual({ kind: 'read', value: read })
    expect(problems('validate: [{a: x}, {a: y}]')[0]?.message).toBe('validate has two steps named "a"')
    // A shell test begins with a bracket too.
    expect(kind.read(kind.fromText('[ -f x ] && make'))).toEqual({ kind: 'read', value: [{ name: 'validate', run: '[ -f x ] && make' }] })
    expect(setInConfigFile('', 'validate', '[{"a":"x","timeout":"5m"},{"b":"y"}]')).toEqual({
      kind: 'set',
      text: 'validate:\n  - a: x\n    timeout: 5m\n  - b: y\n',
    })
  })

  test('a step "setup" is the set-up, and not beside the option', () => {
    const text = 'validate:\n  - setup: npm ci\n    timeout: 9m\n  - test: npm test\n'
    const files = [parseConfigFile(text, 'orch.yaml', 'project')]
    expect(resolveConfig({ files })).toMatchObject({
      config: { setup: 'npm ci', setupTimeoutMs: 540_000, validate: [{ name: 'test', run: 'npm test' }] },
      origins: { setup: { kind: 'file', line: 1 } },
      problems: [],
    })
    expect(resolveConfig({ files, environment: { ORCH_SETUP: 'make' } }).problems).toMatchObject([{ where: 'orch.yaml:1 and ORCH_SETUP' }])
  })

  test('broken or hostile YAML is a problem, nothing worse', () => {
    expect(problems('max: [4\n')[0]?.where).toMatch(/^orch\.yaml:\d/)
    expect(problems('max: 1\nmax: 2\n')[0]?.where).toBe('orch.yaml:2')
    expect(problems('- a\n')).toHaveLength(1)
    expect(problems('just text')).toHaveLength(1)
    expect(problems('')).toEqual([])
    expect(problems('# only a comment\n')).toEqual([])
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi']
      .map(
        (letter, index) =>
          `${letter}: &${letter} [${Array(9)
            .fill(`*${'abcdefghi'[index] ?? ''}`)
            .join(',')}]`,
      )
      .join('\n')}\n`
    expect(problems(bomb).length).toBeGreaterThan(0)
  })

  test('setting a key keeps comments, order and long lines', () => {
    const long = `npm test -- ${'--flag '.repeat(40)}end`
    const before = `# top\nmax: 4 # why four\n\n# how to check\nvalidate: ${long}\nwarn:\n  # inner\n  idle: 2h\n`
    expect(setInConfigFile(before, 'max', '8')).toEqual({ kind: 'set', text: before.replace('max: 4', 'max: 8') })
    expect(setInConfigFile(before, 'warn.idle', '3h')).toEqual({ kind: 'set', text: before.replace('2h', '3h') })
    expect(setInConfigFile('', 'copy', '.env, a b')).toEqual({ kind: 'set', text: 'copy:\n  - .env\n  - a b\n' })
    const template = renderConfigTemplate()
    expect(setInConfigFile(template, 'validate', 'npm test && echo "ok"')).toEqual({
      kind: 'set',
      text: template.replace('\n# validate:\n', '\nvalidate: npm test && echo "ok"\n'),
    })
    const copied = setInConfigFile(template, 'copy', '.env, a b')
    expect(copied).toMatchObject({ text: expect.stringContaining('lists.\ncopy:\n  - .env\n  - a b\n\n# A command') })
    expect(setInConfigFile('max: 3\n# validate: |\n#  old\n', 'validate', 'new')).toMatchObject({ kind: 'set' })
    expect(setInConfigFile('# only\n', 'permissions.deny', 'Bash(rm:*)')).toMatchObject({ kind: 'set' })
    expect(setInConfigFile(before, 'maxx', '8')).toMatchObject({ kind: 'refused', problem: { suggestion: 'max' } })
    expect(setInConfigFile(before, 'max', 'x')).toMatchObject({ kind: 'refused' })
    expect(setInConfigFile('warn: 3\n', 'warn.idle', '3h').kind).toBe('refused')
    expect(setInConfigFile('max: [\n', 'max', '8')).toMatchObject({ kind: 'refused' })
  })
})

describe('sources', () => {
  let home = ''
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'orch-config-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  test('flag over environment over repository over user over default, each with its origin', async () => {
    const root = mkdtempSync(join(home, 'repo-'))
    expect((await loadConfig({ home, root, environment: {} })).config).toEqual(defaultConfig())
    writeFileSync(join(home, 'config.yaml'), 'max: 5\nretries: 3\nclaude-path: /opt/claude\n')
    writeFileSync(join(root, 'orch.yaml'), '\nmax: 6\nland: review\n')
    const resolved = await loadConfig({
      home,
      root,
      environment: { ORCH_LAND: 'auto', ORCH_COPY: 'a, b', ORCH_MODEL: '' },
      flags: { max: '7' },
    })
    expect(resolved.config).toMatchObject({
      max: 7,
      retries: 3,
      land: 'auto',
      copy: ['a', 'b'],
      claudePath: '/opt/claude',
      model: undefined,
    })
    expect(resolved.origins).toMatchObject({
      max: { kind: 'flag', flag: '--max' },
      retries: { kind: 'file', path: join(home, 'config.yaml'), line: 2 },
      land: { kind: 'env', name: 'ORCH_LAND' },
      tick: { kind: 'default' },
    })
    expect(configEntries(resolved).find((entry) => entry.key === 'warn.idle')).toMatchObject({ value: '2h', origin: { kind: 'default' } })
    expect(JSON.parse(JSON.stringify(configEntries(resolved)))).toHaveLength(optionNames.length)
  })

  test('all problems of all sources are told at once', async () => {
    writeFileSync(join(home, 'config.yaml'), 'maxx: 5\n')
    await expect(loadConfig({ home, environment: { ORCH_RETRIES: 'x' }, flags: { max: '0' } })).rejects.toMatchObject({
      code: 'bad-config',
      facts: { problems: [{ suggestion: 'max' }, { where: '--max' }, { where: 'ORCH_RETRIES' }] },
    })
    expect(resolveConfig({ environment: { ORCH_AGENT: '{"command":["a","b"]}' } }).config.agent).toEqual({ command: ['a', 'b'] })
  })

  test('writing replaces the file at once, keeps a link, leaves nothing behind', async () => {
    const path = join(home, 'orch.yaml')
    await writeConfigValue(path, 'max', '9')
    expect(readFileSync(path, 'utf8')).toBe('max: 9\n')
    symlinkSync(path, join(home, 'linked.yaml'))
    await writeConfigValue(join(home, 'linked.yaml'), 'max', '10')
    expect(readFileSync(path, 'utf8')).toBe('max: 10\n')
    expect(lstatSync(join(home, 'linked.yaml')).isSymbolicLink()).toBe(true)
    await expect(writeConfigValue(path, 'max', 'x')).rejects.toMatchObject({ code: 'bad-config' })
    expect(readdirSync(home).toSorted()).toEqual(['linked.yaml', 'orch.yaml'])
  })
})

describe('detection', () => {
  test.each([
    [{ 'package.json': '{"scripts":{"test":"vitest","build":"tsc","dev":"x"}}' }, 'npm run build && npm run test'],
    [{ 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}', Makefile: 'test:\n\tx\n' }, 'make test'],
    [{ 'package.json': '{"scripts":{"lint":"x"}}', 'pnpm-lock.yaml': '' }, 'pnpm run lint'],
    [{ 'package.json': 'broken', 'Cargo.toml': '' }, 'cargo test'],
    [{ 'go.mod': '' }, 'go vet ./... && go test ./...'],
    [{ 'pyproject.toml': '' }, 'python -m pytest'],
    [{ Makefile: 'all:\n' }, undefined],
    [{ 'package.json': 'null' }, undefined],
    [{}, undefined],
  ])('%j is checked by %s', (files, command) => {
    expect(commandLine(detectValidation(files))).toBe(command)
  })

  test('the lock file names the installer', () => {
    expect(detectSetup({ 'package-lock.json': '' })).toEqual({ command: 'npm ci', because: 'package-lock.json' })
    expect(detectSetup({})).toBeUndefined()
  })
})
