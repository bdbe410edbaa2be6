import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { testGit } from '../../../test/support/adapters/git.ts'
import { makeRepository, type TestRepository } from '../../../test/support/repository.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { testReporting } from '../../../test/support/adapters/test-reporting.ts'
import { homeAt, type Home } from '../../config/home.ts'
import type { TestRun } from '../../domain/queue/test-run.ts'
import type { Sha } from '../../foundation/brand.ts'
import { systemClock } from '../../platform/clock.ts'
import type { BenchRequest } from '../../workflows/services.ts'
import { Templates } from '../dependencies/templates.ts'
import { Environments } from '../services/environments.ts'
import { queueFiles } from '../queue/queue-files.ts'
import { Results } from './results.ts'
import { markerOf } from './slot-ground.ts'
import { TestBench } from './test-bench.ts'

const SUM = "import { test } from 'node:test'\nimport assert from 'node:assert'\nimport { sum } from '../sum.mjs'\n"
const TESTS = `${SUM}test('adds', () => assert.equal(sum(1, 2), 3))\ntest('adds nothing', () => assert.equal(sum(0, 0), 0))\n`
const FILES = {
  '.gitignore': 'node_modules/\n',
  'package-lock.json': '{}\n',
  'sum.mjs': 'export const sum = (a, b) => a + b\n',
  'test/sum.test.mjs': TESTS,
}
const STEPS = [{ name: 'test', run: 'node --test' }]

let on: TestRepository
let home: Home
let bench: TestBench
let environment: string
let id = 0

beforeEach(async () => {
  on = makeRepository({ files: FILES })
  home = homeAt(temporaryFolder())
  environment = await new Environments(home).keep({ PATH: process.env['PATH'] ?? '', OUT: home.root })
  bench = newBench()
})
afterEach(() => on.remove())

/** As a daemon makes it at its start. */
function newBench(): TestBench {
  const environments = new Environments(home)
  return new TestBench({
    home,
    git: testGit(),
    environments,
    reporting: testReporting(),
    results: new Results(home),
    templates: new Templates({ home, git: testGit(), clock: systemClock }),
    now: () => Date.now(),
  })
}

function run(commit: Sha, more: Partial<BenchRequest> = {}): Promise<TestRun> {
  return bench.run({
    project: 'app',
    repository: on.root,
    id: `run ${(id += 1)}`,
    commit,
    tree: on.sha(`${commit}^{tree}`),
    steps: STEPS,
    defaultTimeoutMs: 120_000,
    scope: 'all',
    rerun: 0,
    environment,
    slots: 1,
    signal: new AbortController().signal,
    ...more,
  })
}

const linesOf = (name: string): string[] =>
  existsSync(join(home.root, name)) ? readFileSync(join(home.root, name), 'utf8').trim().split('\n') : []

test('tests of one step are run with the steps that it needs, and nothing is taken for known that ran without the others', async () => {
  const lint = { name: 'lint', run: 'echo . >> "$OUT/lints"' }
  const [tests] = STEPS
  const scope = { step: 'test', tests: [{ file: 'test/sum.test.mjs', name: 'adds' }] }
  const alone = [lint, { ...tests, name: 'test', run: tests?.run ?? '', needs: [] }]
  expect(await run(on.sha('main'), { steps: alone, scope })).toMatchObject({ kind: 'passed', tests: 1 })
  expect(await run(on.sha('main'), { steps: alone, scope: { step: 'test', tests: [] } })).toMatchObject({ kind: 'passed', isCached: false })
  expect(linesOf('lints')).toEqual([])
  expect(await run(on.sha('main'), { steps: alone })).toMatchObject({ kind: 'passed', isCached: false })
  expect(linesOf('lints')).toHaveLength(1)
  expect(await run(on.sha('main'), { steps: [lint, ...STEPS], scope, rerun: 1 })).toMatchObject({ kind: 'passed' })
  expect(linesOf('lints')).toHaveLength(2)
})

test('a tree that passes is not tested again, and one that fails says which tests', async () => {
  const good = on.sha('main')
  const seen: string[] = []
  expect(await run(good, { onStep: (step) => seen.push(step) })).toMatchObject({ kind: 'passed', isCached: false, tests: 2 })
  expect(await run(good, { onStep: (step) => seen.push(step) })).toMatchObject({ kind: 'passed', isCached: true, tests: 2 })
  expect(seen).toEqual(['test'])
  expect(await run(good, { rerun: 1 })).toMatchObject({ kind: 'passed', isCached: false })

  const bad = on.commit('Break', { 'sum.mjs': 'export const sum = (a, b) => a - b\n' })
  const failed = await run(bad)
  expect(failed).toMatchObject({
    kind: 'failed',
    step: 'test',
    failures: [{ file: 'test/sum.test.mjs', name: 'adds', frames: [{ path: 'test/sum.test.mjs', line: 4 }] }],
    passed: [],
    isCached: false,
    summary: 'a test fails: adds',
  })
  expect(failed.kind === 'failed' && readFileSync(failed.log, 'utf8')).toContain('adds nothing')
  const { durationMs: _, isCached: __, ...facts } = failed
  expect(await run(bad)).toMatchObject({ ...facts, isCached: true })
  // Another environment may say something else.
  const other = await new Environments(home).keep({ PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' })
  expect(await run(bad, { environment: other })).toMatchObject({ kind: 'failed', isCached: false })
})

test('only the tests that are asked for are judged, and those that are not there fail nowhere', async () => {
  const bad = on.commit('Break', { 'sum.mjs': 'export const sum = (a, b) => a - b\n' })
  const [adds, nothing] = ['adds', 'adds nothing'].map((name) => ({ file: 'test/sum.test.mjs', name })) as [
    { file: string; name: string },
    { file: string; name: string },
  ]
  const narrowed = await run(bad, { scope: { step: 'test', tests: [adds, nothing] } })
  expect(narrowed).toMatchObject({ kind: 'failed', failures: [{ name: 'adds' }], passed: [nothing], tests: 2 })
  expect(await run(bad, { scope: { step: 'test', tests: [nothing] } })).toMatchObject({ kind: 'passed', tests: 1 })
  // A name within another test's picks nothing in Node 20, and a test that did not run has not passed.
  const within = on.commit('Within', {
    'test/within.test.mjs': `${SUM}test('outer', (t) => t.test('inner', () => assert.equal(sum(1, 2), 3)))\n`,
  })
  const inner = { file: 'test/within.test.mjs', name: 'outer > inner' }
  expect(await run(within, { scope: { step: 'test', tests: [inner] } })).toMatchObject({ kind: 'failed', failures: [inner] })
  expect(await run(bad, { scope: { step: 'test', tests: [{ file: 'test/sum.test.mjs', name: 'not there' }] } })).toMatchObject({
    kind: 'passed',
  })
  expect(await run(bad, { scope: { step: 'test', tests: [{ file: 'test/new.test.mjs', name: 'x' }] } })).toMatchObject({ kind: 'passed' })
  // What only some of the tests said is not kept as what the step said.
  expect(await run(bad)).toMatchObject({ kind: 'failed', isCached: false })
  expect(await run(bad, { scope: { step: 'test', tests: [adds] } })).toMatchObject({
    kind: 'failed',
    isCached: true,
    failures: [{ name: 'adds' }],
  })
})

test('the set-up is done once for the same lock files, and anew when one changes', async () => {
  const setup = { line: 'echo . >> "$OUT/setups" && mkdir node_modules && cp package-lock.json node_modules/made', timeoutMs: 60_000 }
  const steps = [{ name: 'check', run: 'cmp package-lock.json node_modules/made && ! test -e left && touch left' }]
  const first = on.sha('main')
  const second = on.commit('Second', { 'a.txt': 'a\n' })
  const third = on.commit('Third', { 'package-lock.json': '{"a":1}\n' })
  expect(await run(first, { setup, steps })).toMatchObject({ kind: 'passed' })
  expect(await run(second, { setup, steps })).toMatchObject({ kind: 'passed' })
  expect(linesOf('setups')).toHaveLength(1)
  expect(await run(third, { setup, steps })).toMatchObject({ kind: 'passed' })
  expect(linesOf('setups')).toHaveLength(2)
  const broken = { line: 'echo no network; exit 3', timeoutMs: 60_000 }
  expect(await run(third, { setup: broken, steps })).toMatchObject({ kind: 'failed', step: 'setup', failures: [], tail: 'no network' })
  expect(await run(third, { setup: broken, steps })).toMatchObject({ kind: 'failed', isCached: false })
})

test('a second slot, and a lock file that was installed before, get a copy instead of a set-up', async () => {
  const npm = '#!/bin/sh\necho . >> $OUT/setups && mkdir node_modules && cp package-lock.json node_modules/made\n'
  const bin = join(home.root, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), npm, { mode: 0o755 })
  environment = await new Environments(home).keep({ PATH: `${bin}:${process.env['PATH'] ?? ''}`, OUT: home.root, HOME: home.root })
  const setup = { line: 'npm ci', timeoutMs: 60_000, share: ['node_modules'] }
  const check = (more = '') => [{ name: 'check', run: `cmp package-lock.json node_modules/made ${more}` }]
  const first = on.sha('main')
  const second = on.commit('Second', { 'package-lock.json': '{"a":1}\n' })
  const meet = (own: string, other: string) =>
    check(
      `&& touch node_modules/${own} "$OUT/${own}" && until test -e "$OUT/${other}"; do sleep 0.05; done && test ! -e node_modules/${other}`,
    )
  const both = [run(first, { setup, slots: 2, steps: meet('a', 'b') }), run(first, { setup, slots: 2, steps: meet('b', 'a') })]
  expect(await Promise.all(both)).toMatchObject([{ kind: 'passed' }, { kind: 'passed' }])
  expect(linesOf('setups')).toHaveLength(1)
  expect(await run(second, { setup, steps: check() })).toMatchObject({ kind: 'passed' })
  expect(await run(first, { setup, steps: check() })).toMatchObject({ kind: 'passed' })
  expect(linesOf('setups')).toHaveLength(2)
  const { logs } = queueFiles(home, 'app')
  const said = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'))
  // The second slot's; what the first slot had for the first lock file was only kept aside.
  expect(said.filter((text) => text.includes('instead of running npm ci'))).toHaveLength(1)
})

test('a set-up that leaves what is not ignored is done each time, for the next commit would be without it', async () => {
  const setup = { line: 'echo . >> "$OUT/setups" && touch made', timeoutMs: 60_000 }
  const steps = [{ name: 'check', run: 'test -e made' }]
  expect(await run(on.sha('main'), { setup, steps })).toMatchObject({ kind: 'passed' })
  expect(await run(on.commit('Second', { 'a.txt': 'a\n' }), { setup, steps })).toMatchObject({ kind: 'passed' })
  expect(linesOf('setups')).toHaveLength(2)
})

test('set-ups of other lock files are kept aside, and what they made comes back where it was', async () => {
  const setup = {
    line: 'echo . >> "$OUT/setups" && mkdir -p node_modules && cp package-lock.json node_modules/made && cp package-lock.json made.log',
    timeoutMs: 60_000,
  }
  const steps = [
    {
      name: 'check',
      run: 'cmp package-lock.json node_modules/made && cmp package-lock.json made.log && test -z "$(git status --porcelain)"',
    },
  ]
  const base = on.commit('Ignore', { '.gitignore': 'node_modules/\n*.log\n' })
  const locks = ['{"a":1}', '{"b":2}'].map((lock) => on.commit(lock, { 'package-lock.json': `${lock}\n` }))
  for (const rerun of [0, 1, 2])
    for (const commit of [base, ...locks]) expect(await run(commit, { setup, steps, rerun })).toMatchObject({ kind: 'passed' })
  expect(linesOf('setups')).toHaveLength(3)
  // What a crash left half moved has no note: it is made anew. The last one stands in the slot itself.
  const parked = join(queueFiles(home, 'app').slots, '1.set-ups')
  for (const name of readdirSync(parked).filter((one) => one.endsWith('.json'))) rmSync(join(parked, name))
  for (const commit of [base, ...locks]) expect(await run(commit, { setup, steps, rerun: 3 })).toMatchObject({ kind: 'passed' })
  expect(linesOf('setups')).toHaveLength(5)
})

test('a folder that a test replaced by a link is not followed when the set-up is kept aside', async () => {
  const setup = { line: 'mkdir -p packages/a/node_modules && cp package-lock.json packages/a/node_modules/made', timeoutMs: 60_000 }
  const theirs = temporaryFolder()
  mkdirSync(join(theirs, 'node_modules'))
  writeFileSync(join(theirs, 'node_modules/precious'), '')
  const first = on.commit('First', { 'packages/a/a.txt': 'a\n' })
  const second = on.commit('Second', { 'package-lock.json': '{"a":1}\n' })
  const steps = [{ name: 'evil', run: `rm -rf packages/a && ln -s ${theirs} packages/a` }]
  expect(await run(first, { setup, steps })).toMatchObject({ kind: 'passed' })
  const check = [{ name: 'check', run: 'cmp package-lock.json packages/a/node_modules/made' }]
  for (const commit of [second, first]) expect(await run(commit, { setup, steps: check })).toMatchObject({ kind: 'passed' })
  expect(existsSync(join(theirs, 'node_modules/precious'))).toBe(true)
})

test('slots that nobody tests in are taken away, and made again when they are needed', async () => {
  const commit = on.sha('main')
  expect(await run(commit)).toMatchObject({ kind: 'passed' })
  const path = join(queueFiles(home, 'app').slots, '1')
  expect(existsSync(path)).toBe(true)
  const repository = await testGit().open(on.root)
  await bench.removeSlots('app', repository)
  expect(existsSync(path)).toBe(false)
  expect(await run(commit, { rerun: 1 })).toMatchObject({ kind: 'passed' })
  const stop = new AbortController()
  const running = run(commit, { steps: [{ name: 'long', run: 'touch "$OUT/long"; sleep 60' }], signal: stop.signal })
  await until(() => existsSync(join(home.root, 'long')), { what: 'the step runs' })
  await bench.removeSlots('app', repository)
  expect(existsSync(path)).toBe(true)
  stop.abort()
  expect(await running).toMatchObject({ kind: 'stopped' })
})

test('what took too long or was stopped is not kept', async () => {
  const commit = on.sha('main')
  const steps = [
    { name: 'build', run: 'touch "$OUT/built"' },
    { name: 'slow', run: 'touch "$OUT/began"; sleep 60', timeoutMs: 300 },
  ]
  expect(await run(commit, { steps })).toMatchObject({
    kind: 'failed',
    step: 'slow',
    summary: expect.stringContaining('longer than 0.3 s'),
  })
  expect(await run(commit, { steps })).toMatchObject({ kind: 'failed', isCached: false })
  const stop = new AbortController()
  const under = { name: 'long', run: 'touch "$OUT/long"; sleep 60' }
  const running = run(commit, { steps: [under], signal: stop.signal })
  const waiting = run(commit, { steps: [under], signal: stop.signal })
  await until(() => existsSync(join(home.root, 'long')), { what: 'the step runs' })
  stop.abort()
  expect(await running).toMatchObject({ kind: 'stopped' })
  expect(await waiting).toMatchObject({ kind: 'stopped' })
})

test('what was killed from outside is not kept', async () => {
  for (const line of ['kill -9 $$', '/bin/sh -c "kill -9 \\$\\$"; exit $?', 'kill -TERM $$']) {
    const steps = [{ name: 'test', run: line }]
    for (const _ of [1, 2]) expect(await run(on.sha('main'), { steps })).toMatchObject({ kind: 'failed', isCached: false })
  }
})

test('as many run at once as there are slots', async () => {
  const commit = on.sha('main')
  const meet = (own: string, other: string) => [
    { name: 'meet', run: `touch "$OUT/${own}"; until test -e "$OUT/${other}"; do sleep 0.05; done` },
  ]
  const both = await Promise.all([run(commit, { slots: 2, steps: meet('a', 'b') }), run(commit, { slots: 2, steps: meet('b', 'a') })])
  expect(both).toMatchObject([{ kind: 'passed' }, { kind: 'passed' }])
  const alone = [{ name: 'alone', run: 'mkdir "$OUT/alone" && rmdir "$OUT/alone"' }]
  const each = await Promise.all([1, 2, 3].map((rerun) => run(commit, { steps: alone, rerun })))
  expect(each).toMatchObject([{ kind: 'passed' }, { kind: 'passed' }, { kind: 'passed' }])
})

test('a daemon that died left a half-made set-up and a running step: both are swept', async () => {
  const commit = on.sha('main')
  const setup = { line: 'echo . >> "$OUT/setups"; mkdir node_modules', timeoutMs: 60_000 }
  const steps = [{ name: 'check', run: 'test -d node_modules && ! test -e node_modules/half' }]
  expect(await run(commit, { setup, steps })).toMatchObject({ kind: 'passed' })
  const { slots } = queueFiles(home, 'app')
  const path = join(slots, '1')
  rmSync(join(slots, '1.json'))
  writeFileSync(join(path, 'node_modules/half'), '')
  const left = spawn('/bin/sh', ['-c', 'touch "$0"; sleep 300', join(home.root, 'left')], {
    cwd: path,
    env: { PATH: process.env['PATH'], ORCH_SESSION: markerOf(path) },
    detached: true,
    stdio: 'ignore',
  })
  const ended = once(left, 'exit')
  await until(() => existsSync(join(home.root, 'left')), { what: 'the step that was left runs' })
  bench = newBench()
  expect(await run(commit, { setup, steps, rerun: 1 })).toMatchObject({ kind: 'passed' })
  expect(linesOf('setups')).toHaveLength(2)
  expect(await ended).toEqual([null, 'SIGKILL'])
})
