import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testGit } from '../../../test/support/adapters/git.ts'
import { makeRepository, type TestRepository } from '../../../test/support/repository.ts'
import type { GateRule } from '../../domain/gates/gate.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { Gates } from './gates.ts'

const RULES: readonly GateRule[] = [
  { name: 'auth', paths: ['**/auth/**'] },
  { name: 'dependencies', detects: 'new-dependency' },
  { name: 'secrets', detects: 'secret' },
  { name: 'deletion', detects: 'deletion' },
  { name: 'money', overUsd: 3 },
]
const token = 'gh~p_q7Zt4Kx9Wm2Vb8Ns5Ld3Hf6Gj1PcR4t9Yw3Z'.replace('~', '')
let on: TestRepository
beforeEach(() => {
  on = makeRepository({
    files: {
      'package.json': '{"dependencies":{"a":"1"}}\n',
      'auth/a.ts': 'one\n',
      'test/a.test.ts': 'test\n',
      'lib/package.json': '{"dependencies":{"old":"1"}}\n',
    },
  })
})
afterEach(() => on.remove())

test('a commit is read against what it would bring to the target', async () => {
  const base = on.sha('main')
  on.git('switch', '--quiet', '--create', 'work')
  on.commit('Work', { 'src/a.ts': `x\nconst t = "${token}"\n`, 'package.json': '{"dependencies":{"a":"1","left-pad":"1"}}\n' })
  on.git('switch', '--quiet', 'main')
  on.commit('Another landed', { 'auth/a.ts': 'two\n' })
  on.git('switch', '--quiet', 'work')
  on.git('merge', '--quiet', '--no-edit', 'main')
  on.git('mv', 'lib', 'moved')
  const commit = on.commit('More')
  const found = await look(base, commit)
  expect(found).toMatchObject([
    { gate: 'dependencies', why: 'adds left-pad in package.json', paths: ['package.json'] },
    { gate: 'secrets', why: 'adds what looks like a GitHub token in src/a.ts:2', paths: ['src/a.ts'] },
  ])
  expect(JSON.stringify(found)).not.toContain(token)
  expect(await look(base, on.sha('main~1'))).toEqual([])
})

test('what is found is the same in the next commit as long as the files it is about are', async () => {
  const base = on.sha('main')
  on.git('switch', '--quiet', '--create', 'work')
  const first = await look(base, on.commit('One', { 'auth/a.ts': 'two\n' }))
  const second = await look(base, on.commit('Two', { 'other.ts': 'two\n' }))
  const third = await look(base, on.commit('Three', { 'auth/a.ts': 'three\n' }))
  expect(second).toEqual(first)
  expect(third[0]?.content).not.toBe(first[0]?.content)
})

test('money is what the task has cost, or all parts of the feature', async () => {
  const base = on.sha('main')
  const commit = on.commit('Work', { 'a.ts': '' })
  expect(await look(base, commit)).toEqual([])
  const costs = { 'app.pay.api': 2, 'app.pay.web': 1.5, 'app.other.web': 9 }
  const part = (feature: string) => ({ part: { feature } }) as unknown as Partial<TaskInput>
  expect(await look(base, commit, { handle: 'app.pay.api', ...part('app.pay') }, costs)).toMatchObject([
    { gate: 'money', why: 'has cost $3.50, over $3.00' },
  ])
  expect(await look(base, commit, { handle: 'app.pay.api' }, costs)).toEqual([])
})

test('nothing that a session could have configured is run, and odd names are names', async () => {
  const base = on.sha('main')
  const trace = join(on.folder, 'ran')
  const program = `touch '${trace}'; cat`
  for (const [name, value] of Object.entries({
    'diff.external': program,
    'diff.evil.textconv': program,
    'filter.evil.smudge': program,
    'core.fsmonitor': program,
  }))
    on.git('config', name, value)
  on.git('switch', '--quiet', '--create', 'work')
  const odd = 'auth/-x\ndiff --git "ü.ts'
  const commit = on.commit('Work', { '.gitattributes': '* diff=evil filter=evil\n', [odd]: `@@ -1 +9 @@\n${token}\n` })
  rmSync(trace, { force: true }) // committing with these settings has run them
  writeFileSync(join(on.root, 'dirty'), '')
  const found = await look(base, commit)
  expect(found.map(({ gate, paths }) => ({ gate, paths }))).toEqual([
    { gate: 'auth', paths: [odd] },
    { gate: 'secrets', paths: [odd] },
  ])
  expect(found[1]?.why).toMatch(/:2$/)
  expect(existsSync(trace)).toBe(false)
})

test('without rules nothing is read', async () => {
  const gates = new Gates({ open: () => Promise.reject(new Error('opened')) }, { status: () => undefined, records: () => [] })
  expect(await gates.look({ settings: {} } as TaskInput, '', '')).toEqual([])
})

function look(base: string, commit: string, more: Partial<TaskInput> = {}, costs: Readonly<Record<string, number>> = {}) {
  const records = Object.keys(costs).map((handle) => ({ input: { handle, part: { feature: handle.slice(0, handle.lastIndexOf('.')) } } }))
  const roster = { status: (handle: string) => ({ costUsd: costs[handle] ?? 0 }), records: () => records }
  const input = { handle: 'app.a', repository: on.root, target: 'main', settings: { gates: RULES }, ...more }
  return new Gates(testGit(), roster as unknown as ConstructorParameters<typeof Gates>[1]).look(input as unknown as TaskInput, base, commit)
}
