import type { Sha } from '../../foundation/brand.ts'
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { homeAt, type Home } from '../../config/home.ts'
import { Environments } from '../services/environments.ts'
import { queueFiles } from '../queue/queue-files.ts'
import { KnownPasses } from './known-passes.ts'
import { Results, type ResultGround, type StepResult } from './results.ts'

const TREE = 'a'.repeat(40) as Sha
const build = { name: 'build', run: 'make' }
const check = { name: 'test', run: 'make test' }
const ground: ResultGround = { place: 'clean', setup: 'npm ci', environment: { PATH: '/bin' } }
const failed: StepResult = {
  kind: 'failed',
  durationMs: 5,
  tests: 2,
  failures: [{ file: 'a.js', name: 'one', message: 'boom', frames: [{ path: 'a.js', line: 3 }] }],
  summary: 'a test fails: one',
  tail: 'boom',
  log: '/log',
}

function begin(): { home: Home; results: Results; folder: string } {
  const home = homeAt(temporaryFolder())
  return { home, results: new Results(home), folder: queueFiles(home, 'app').results }
}

test('a result counts for its tree, step, lines before it, set-up and environment, and for nothing else', async () => {
  const { results, folder } = begin()
  await results.keep('app', TREE, [build, check], ground, failed)
  expect(await results.find('app', TREE, [build, check], ground)).toEqual(failed)
  // What picks no program says nothing.
  expect(await results.find('app', TREE, [build, check], { ...ground, environment: { PATH: '/bin', EDITOR: 'vi' } })).toEqual(failed)
  const others: [string, string, readonly (typeof build)[], ResultGround][] = [
    ['other', TREE, [build, check], ground],
    ['app', 'b'.repeat(40), [build, check], ground],
    ['app', TREE, [build], ground],
    ['app', TREE, [{ ...build, run: 'make all' }, check], ground],
    ['app', TREE, [build, check], { ...ground, place: 'worktree' }],
    ['app', TREE, [build, check], { ...ground, setup: 'npm i' }],
    ['app', TREE, [build, check], { ...ground, environment: { PATH: '/usr/bin' } }],
    ['app', TREE, [build, check], { ...ground, environment: { PATH: '/bin', NODE_ENV: 'test' } }],
  ]
  for (const other of others) expect(await results.find(...other)).toBeUndefined()
  const [name = ''] = readdirSync(folder)
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
})

test('a file that is broken, or says something else, counts as none', async () => {
  const { results, folder } = begin()
  await results.keep('app', TREE, [check], ground, { kind: 'passed', durationMs: 1 })
  const path = join(folder, readdirSync(folder)[0] ?? '')
  for (const text of ['', '{', '{"kind":"passed"}', '{"kind":"stopped","durationMs":1}', '{"kind":"failed","durationMs":1}']) {
    writeFileSync(path, text)
    expect(await results.find('app', TREE, [check], ground), text).toBeUndefined()
  }
})

test('many failures keep their names, and many results only the newest', async () => {
  const { results, folder, home } = begin()
  const failures = Array.from({ length: 500 }, (_, index) => ({ name: `test ${index}`, message: 'x'.repeat(4096), frames: [] }))
  await results.keep('app', TREE, [check], ground, { ...failed, failures })
  const found = await results.find('app', TREE, [check], ground)
  expect(found?.kind === 'failed' && found.failures).toHaveLength(500)
  expect(readFileSync(join(folder, readdirSync(folder)[0] ?? '')).length).toBeLessThan(1 << 20)
  const many = queueFiles(home, 'many').results
  mkdirSync(many, { recursive: true })
  for (let index = 0; index < 110; index += 1) {
    writeFileSync(join(many, `${index}`), '')
    utimesSync(join(many, `${index}`), index + 1, index + 1)
  }
  const bounded = new Results(home, 100)
  await bounded.keep('many', TREE, [check], ground, { kind: 'passed', durationMs: 1 })
  const left = readdirSync(many)
  expect(left).toHaveLength(90)
  expect([left.includes('0'), left.includes('109')]).toEqual([false, true])
  expect(await results.find('many', TREE, [check], ground)).toMatchObject({ kind: 'passed' })
})

test('what passed in a worktree is known there', async () => {
  const { home, results } = begin()
  const environments = new Environments(home)
  const passes = new KnownPasses(results, environments)
  const facts = { project: 'app', tree: TREE, steps: [check], setup: undefined, environment: await environments.keep({ PATH: '/bin' }) }
  expect(await passes.has(facts)).toBe(false)
  await passes.note(facts, 7)
  expect(await passes.has(facts)).toBe(true)
  expect(await results.find('app', TREE, [check], { place: 'clean', setup: undefined, environment: { PATH: '/bin' } })).toBeUndefined()
})
