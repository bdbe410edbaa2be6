import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder, temporaryTree } from '../../../test/support/temporary.ts'
import type { Runner, Step } from '../../domain/queue/step.ts'
import type { TestId } from '../../domain/queue/test-run.ts'
import type { TestReport } from '../../ports/test-reporting.ts'
import { testReports } from './test-reports.ts'

const manifest = JSON.stringify({
  scripts: {
    test: 'vitest run',
    unit: 'c8 node --test',
    files: 'node --test test/',
    nested: 'npm test',
    own: 'node --test --test-reporter=tap',
    loop: 'npm run loop',
  },
})

test.each<[string, Runner | undefined]>([
  ['node --test', 'node-test'],
  ['FOO="a b" node --import tsx --test "test/**/*.ts"', 'node-test'],
  ['node --test --test-reporter=spec', undefined],
  ['npx --yes vitest run --coverage', 'vitest'],
  ['npm run build && npm test', 'vitest'],
  ['npm test -- src', 'vitest'],
  ['npm test -w packages/a', undefined],
  ['pnpm unit', undefined],
  ['pnpm run unit', 'node-test'],
  ['yarn unit', 'node-test'],
  ['npm run own', undefined],
  ['npm run loop', undefined],
  ['node --experimental-vm-modules node_modules/jest/bin/jest.js', 'jest'],
  ['./node_modules/.bin/mocha -r ts-node/register', 'mocha'],
  ['poetry run pytest -q', 'pytest'],
  ['python3.12 -m pytest', 'pytest'],
  ['cd api; go test ./...', 'go-test'],
  ['RUST_BACKTRACE=1 cargo test --workspace', 'cargo-test'],
  ['vitest run | tee log', undefined],
  ['vitest run > log', undefined],
  ['vitest run # all', undefined],
  ['vitest run || true', undefined],
  ['vitest $(cat args)', undefined],
  ['make test', undefined],
  ['echo "open', undefined],
  ['', undefined],
])('%s is run by %s', (line, runner) => {
  expect(testReports.detect(line, manifest)).toBe(runner)
})

const hostile: TestId = { file: "test/a'; touch pwned; '.test.js", name: 'group > $(touch pwned) `x` "q" (a|b)' }
const argsOf = (line: string, runner: Runner): readonly string[] =>
  testReports.command({ name: 'test', run: line }, runner, [hostile], '/tmp/report', manifest).argv

test('names are arguments of their own, where the runner takes them', () => {
  const [pattern, file] = [String.raw`\$\(touch pwned\) ` + '`x` "q" ' + String.raw`\(a\|b\)`, hostile.file]
  const named = `^(?:group(?: > | )${pattern})$`
  const ofNode = argsOf('node --test', 'node-test')
  expect([ofNode[2], ...ofNode.slice(-2)]).toEqual(['node --test "$@"', `--test-name-pattern=(?:^| )(?:${pattern})$`, file])
  const withFolder = argsOf('node --test test/', 'node-test')
  expect([withFolder[2], withFolder.at(-1)]).toEqual(['node --test "$@" test/', `--test-name-pattern=(?:^| )(?:${pattern})$`])
  expect(argsOf('npm run unit', 'node-test')[2]).toBe('npm run unit -- "$@"')
  expect(argsOf('npm test', 'vitest').slice(2)).toEqual([
    'npm test -- "$@"',
    'sh',
    '--reporter=default',
    '--reporter=json',
    '--outputFile.json=/tmp/report',
    `--testNamePattern=${named}`,
    file,
  ])
  expect(argsOf('npm test -- src', 'vitest')[2]).toBe('npm test -- src "$@"')
  expect(argsOf('npx jest', 'jest').slice(-3)).toEqual([`--testNamePattern=${named}`, '--runTestsByPath', file])
  expect(argsOf('go test ./...', 'go-test').slice(2, 5)).toEqual(['go test "$@" ./...', 'sh', '-json'])
  expect(argsOf('cargo test', 'cargo-test').slice(4)).toEqual(['--no-fail-fast', '--', '--exact', hostile.name])
  // Where they would mean something else, all of it runs.
  for (const line of ['npm run files', 'npm run nested']) {
    const runner = line.endsWith('files') ? 'node-test' : 'vitest'
    expect(testReports.command({ name: 'test', run: line }, runner, [hostile], '/tmp/report', manifest)).toMatchObject({
      argv: ['/bin/sh', '-c', line, 'sh'],
      isNarrowed: false,
    })
  }
})

const BROKEN = "throw new Error('cannot load')\n"
const body = (imports: string): string => `${imports}
describe('cart $(touch pwned)', () => {
  test('adds "up"', () => {})
  test('fails (a+b) > c', () => { throw new Error('boom') })
  test.skip('later', () => {})
})
test('fails', () => { throw new Error('other') })
`

const NODE_FILES = { 'test/a b.test.mjs': body("import { describe, test } from 'node:test'"), 'test/broken.test.mjs': BROKEN }

test.each<[string, Runner, Record<string, string>]>([
  ['node --test', 'node-test', { 'test/a b.test.mjs': body("import { describe, test } from 'node:test'"), 'test/broken.test.mjs': BROKEN }],
  [
    `node "${join(process.cwd(), 'node_modules/vitest/vitest.mjs')}" run`,
    'vitest',
    {
      'test/a b.test.mjs': body('const { describe, test } = globalThis'),
      'test/broken.test.mjs': BROKEN,
      'vite.config.mjs': 'export default { test: { globals: true } }\n',
    },
  ],
])('%s really reports, and runs only what it is asked for', async (line, runner, files) => {
  const root = temporaryTree(files)
  const run = async (tests: readonly TestId[]): Promise<TestReport & { exit: number | null }> => {
    const step: Step = { name: 'test', run: line }
    const reportFile = join(temporaryFolder(), 'report "x"')
    const since = Date.now()
    expect(testReports.detect(line, files['package.json'])).toBe(runner)
    const { argv, environment } = testReports.command(step, runner, tests, reportFile, files['package.json'])
    const { PATH, HOME } = process.env
    const { status, stdout } = spawnSync(argv[0] ?? '', argv.slice(1), {
      cwd: root,
      env: { PATH, HOME, CI: 'true', ...environment },
      encoding: 'utf8',
    })
    const report = await testReports.read(step, runner, { reportFile, stdout, root, since })
    if (report === undefined) throw new Error(`no report; it printed ${stdout}`)
    return { ...report, exit: status }
  }
  const file = 'test/a b.test.mjs'
  const ids = (tests: readonly TestId[]) => tests.map(({ name }) => name).toSorted()
  const whole = await run([])
  expect(whole.exit).toBe(1)
  expect(ids(whole.passed)).toEqual(['cart $(touch pwned) > adds "up"'])
  expect(ids(whole.failed)).toEqual(['cart $(touch pwned) > fails (a+b) > c', 'fails', 'test/broken.test.mjs'])
  expect(whole.failed.find(({ name }) => name === 'fails')).toMatchObject({ file, frames: [{ path: 'test/a b.test.mjs', line: 7 }] })
  expect(whole.skipped).toBe(1)

  const one = await run([{ file, name: 'cart $(touch pwned) > fails (a+b) > c' }])
  expect([ids(one.failed), one.passed, one.exit]).toEqual([['cart $(touch pwned) > fails (a+b) > c'], [], 1])
  const good = await run([{ file, name: 'cart $(touch pwned) > adds "up"' }])
  expect([good.failed, ids(good.passed), good.exit]).toEqual([[], ['cart $(touch pwned) > adds "up"'], 0])
})

test('a script that names its files reports by the environment, and all of it runs', async () => {
  const manifest = '{"scripts":{"test":"node --test test/"}}'
  const root = temporaryTree({ ...NODE_FILES, 'package.json': manifest })
  const reportFile = join(temporaryFolder(), 'report "x"')
  const step: Step = { name: 'test', run: 'npm test' }
  const { argv, environment, isNarrowed } = testReports.command(step, 'node-test', [hostile], reportFile, manifest)
  const { PATH, HOME } = process.env
  const { stdout } = spawnSync(argv[0] ?? '', argv.slice(1), { cwd: root, env: { PATH, HOME, ...environment }, encoding: 'utf8' })
  const report = await testReports.read(step, 'node-test', { reportFile, stdout, root, since: 0 })
  expect([isNarrowed, report?.passed.length, report?.failed.length]).toEqual([false, 1, 3])
})

test('a JUnit file counts only if it is a plain one of this run, within the repository', async () => {
  const root = temporaryTree({ 'out/good.xml': '<testsuite><testcase name="a"/></testsuite>', 'empty.xml': '' })
  const outside = temporaryTree({ 'x.xml': '<testsuite><testcase name="stolen"/></testsuite>' })
  const read = (junit: string, since = 0) =>
    testReports.read({ name: 'test', run: 'make', report: { junit } }, undefined, { reportFile: '', stdout: '', root, since })
  expect(await read('out/good.xml')).toMatchObject({ passed: [{ name: 'a' }] })
  utimesSync(join(root, 'out/good.xml'), 1, 1)
  expect(await read('out/good.xml', Date.now())).toBeUndefined()
  symlinkSync(join(outside, 'x.xml'), join(root, 'link.xml'))
  symlinkSync(outside, join(root, 'linked'))
  mkdirSync(join(root, 'folder.xml'))
  spawnSync('mkfifo', [join(root, 'pipe.xml')])
  writeFileSync(join(root, 'no.xml'), '{"not": "xml"}')
  for (const path of ['link.xml', 'linked/x.xml', 'folder.xml', 'pipe.xml', 'empty.xml', 'no.xml', 'absent.xml'])
    expect(await read(path), path).toBeUndefined()
})
