import { expect, test } from 'vitest'
import type { CommitFacts, GateFile } from './commit-facts.ts'
import { findGates } from './find-gates.ts'
import type { GateRule } from './gate.ts'

const file = (path: string, change: GateFile['change'] = 'modified', more: Partial<GateFile> = {}): GateFile => ({
  path,
  change,
  content: `blob of ${path}`,
  ...more,
})
const facts = (more: Partial<CommitFacts>): CommitFacts => ({ files: [], added: [], isCut: false, manifests: [], costUsd: 0, ...more })
const whys = (rule: GateRule, more: Partial<CommitFacts>) => findGates([rule], facts(more)).map(({ why }) => why)
const many = Array.from({ length: 11 }, (_, at) => file(`src/${at}.ts`, 'deleted'))
const token = 'gh~p_q7Zt4Kx9Wm2Vb8Ns5Ld3Hf6Gj1PcR4t9Yw3Z'.replace('~', '')

test.each<readonly [string, GateRule, Partial<CommitFacts>, string]>([
  ['a path', { name: 'g', paths: ['**/auth/**'] }, { files: [file('src/auth/a.ts'), file('b')] }, 'changes src/auth/a.ts'],
  [
    'a path that something moved away from',
    { name: 'g', paths: ['auth/'] },
    { files: [file('b/a.ts', 'renamed', { from: 'auth/a.ts' })] },
    'changes b/a.ts',
  ],
  ['money', { name: 'g', overUsd: 2 }, { costUsd: 5.25 }, 'has cost $5.25, over $4.00'],
  [
    'a dependency',
    { name: 'g', detects: 'new-dependency' },
    { manifests: [{ path: 'package.json', after: '{"dependencies":{"left-pad":"1"}}' }] },
    'adds left-pad in package.json',
  ],
  [
    'a manifest nobody can read',
    { name: 'g', detects: 'new-dependency' },
    { manifests: [{ path: 'package.json', after: '{' }] },
    'has package.json, which cannot be read',
  ],
  [
    'a secret',
    { name: 'g', detects: 'secret' },
    { added: [{ path: 'a.ts', line: 7, text: `t = "${token}"` }] },
    'adds what looks like a GitHub token in a.ts:7',
  ],
  ['what was not read', { name: 'g', detects: 'secret' }, { isCut: true }, 'is too large to look through all of it'],
  ['a licence', { name: 'g', detects: 'licence' }, { files: [file('vendor/LICENSE-MIT')] }, 'changes vendor/LICENSE-MIT'],
  [
    'the licence of the project',
    { name: 'g', detects: 'licence' },
    { manifests: [{ path: 'package.json', before: '{\n "license": "MIT",\n "a": 1}', after: '{\n "license": "GPL-3.0"\n}' }] },
    'changes package.json',
  ],
  ['many deletions', { name: 'g', detects: 'deletion' }, { files: many }, 'deletes 11 files: src/0.ts, src/1.ts, src/2.ts and 8 more'],
  ['a deleted test', { name: 'g', detects: 'deletion' }, { files: [file('a.test.ts', 'deleted')] }, 'takes away a test: a.test.ts'],
  [
    'a test that is switched off by its name',
    { name: 'g', detects: 'deletion' },
    { files: [file('old/a.txt', 'renamed', { from: 'tests/a_test.go' })] },
    'takes away a test: old/a.txt',
  ],
  ['a migration', { name: 'g', detects: 'migration' }, { files: [file('db/migrations/1_a.py', 'added')] }, 'changes db/migrations/1_a.py'],
  ['SQL', { name: 'g', detects: 'migration' }, { files: [file('schema.sql')] }, 'changes schema.sql'],
])('%s is found', (_what, rule, more, why) => {
  expect(whys(rule, more)).toEqual([why])
})

test.each<readonly [string, GateRule, Partial<CommitFacts>]>([
  ['a path beside it', { name: 'g', paths: ['**/auth/**', '!**/*.md'] }, { files: [file('src/author/a.ts'), file('auth/x.md')] }],
  ['money that is just spent', { name: 'g', overUsd: 2 }, { costUsd: 2 }],
  [
    'a newer version',
    { name: 'g', detects: 'new-dependency' },
    { manifests: [{ path: 'package.json', before: '{"dependencies":{"a":"1"}}', after: '{"dependencies":{"a":"2"}}' }] },
  ],
  ['a plain line', { name: 'g', detects: 'secret' }, { added: [{ path: 'a.ts', line: 7, text: 't = getToken()' }] }],
  ['code about licences', { name: 'g', detects: 'licence' }, { files: [file('src/license-check.ts'), file('src/licence.ts')] }],
  [
    'another field',
    { name: 'g', detects: 'licence' },
    { manifests: [{ path: 'package.json', before: '{\n "license": "MIT",\n "a": 1}', after: '{\n "license": "MIT"\n}' }] },
  ],
  ['some deletions', { name: 'g', detects: 'deletion' }, { files: many.slice(1) }],
  ['a test that moved', { name: 'g', detects: 'deletion' }, { files: [file('b/a.test.ts', 'renamed', { from: 'a.test.ts' })] }],
  ['code about migrations', { name: 'g', detects: 'migration' }, { files: [file('src/migrations.ts'), file('src/sql.ts')] }],
  ['what only a session can say', { name: 'g', detects: 'security' }, { files: many }],
])('%s is not', (_what, rule, more) => {
  expect(whys(rule, more)).toEqual([])
})

test('where there are rules, changing them is a question too', () => {
  const rules = [{ name: 'auth', paths: ['auth/'] }]
  expect(findGates(rules, facts({ files: [file('orch.yaml')] }))).toMatchObject([{ gate: 'gates', why: 'changes orch.yaml' }])
  expect(findGates([], facts({ files: [file('orch.yaml')] }))).toEqual([])
})

test('a finding is the same as long as what it is about is', () => {
  const content = (files: readonly GateFile[], rule: GateRule = { name: 'auth', paths: ['auth/'] }, more: Partial<CommitFacts> = {}) =>
    findGates([rule], facts({ files, ...more }))[0]?.content
  const one = content([file('auth/a'), file('b')])
  expect(content([file('auth/a'), file('c')])).toBe(one)
  expect(content([file('auth/a', 'modified', { content: 'other' })])).not.toBe(one)
  expect(content([file('auth/a', 'deleted')])).not.toBe(one)
  const cost = (costUsd: number) => content([], { name: 'money', overUsd: 20 }, { costUsd })
  expect([cost(21) === cost(39), cost(39) === cost(41)]).toEqual([true, false])
  const adds = (text: string) =>
    content([], { name: 'd', detects: 'new-dependency' }, { manifests: [{ path: 'package.json', after: text }] })
  expect(adds('{"dependencies":{"a":"1"}}')).toBe(adds('{"dependencies":{"a":"1"},"version":"2"}'))
  expect(adds('{"dependencies":{"a":"1"}}')).not.toBe(adds('{"dependencies":{"a":"1","b":"1"}}'))
})

test('names in a finding do no harm in a terminal', () => {
  expect(whys({ name: 'g', paths: ['**'] }, { files: [file('a\u001b[2J\nb')] })[0]).toBe('changes a b')
})
