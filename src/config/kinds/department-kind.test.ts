import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseConfigFile } from '../config-file.ts'
import { departments } from './department-kind.ts'
import { contracts } from './contract-kind.ts'

const read = (yaml: string) => {
  const { problems, values } = parseConfigFile(yaml, 'orch.yaml', 'project')
  return { problems: problems.map(({ message }) => message), values }
}

test('a department is added with five lines, over the built-in one of its name', () => {
  const { problems, values } = read(`
departments:
  backend:
    owns: src/api/**
    reviews: [frontend]
  security:
  legal:
    prompt: prompts/legal.md
    reviews: ['**/licence*']
    veto: true
    budget: $2
    permission-mode: plan
    agents: { reader: { description: reads, prompt: Read it., tools: [Read] } }
    agent: { command: [./legal.sh] }
contracts:
  - { files: 'types/**', owner: backend, needed-by: [frontend] }
`)
  expect(problems).toEqual([])
  expect(values.departments).toEqual([
    { name: 'backend', owns: ['src/api/**'], reviews: ['frontend'], hasVeto: false },
    { name: 'security', owns: [], reviews: ['**'], hasVeto: false },
    {
      name: 'legal',
      owns: [],
      prompt: 'prompts/legal.md',
      reviews: ['**/licence*'],
      hasVeto: true,
      budgetUsd: 2,
      permissionMode: 'plan',
      subagents: { reader: { description: 'reads', prompt: 'Read it.', tools: ['Read'] } },
      agent: { command: ['./legal.sh'] },
    },
  ])
  expect(values.contracts).toEqual([{ files: ['types/**'], owner: 'backend', neededBy: ['frontend'] }])
})

test('what is written is what was read', () => {
  const kind = departments()
  const value = kind.read(
    parse(
      '{a: {owns: x/**, veto: true, budget: 3, permission-mode: plan, agent: {command: [x]}, model: m, prompt: p.md}, security: {reviews: [a]}}',
    ),
  )
  if (value.kind === 'wrong') throw new Error(value.message)
  expect(kind.read(kind.write(value.value))).toEqual(value)
})

test.each([
  ['{backend: {own: x}}', 'has an unknown option "own" in the department "backend"; did you mean "owns"?'],
  ['{backend: {reviews: frontent}}', 'reviews "frontent", which is no department and no glob; did you mean "frontend"?'],
  ['{backend: {reviews: [backend]}}', 'reviews itself'],
  ['{Back End: {}}', 'has a department named "Back End"'],
  ['{human: {}}', 'has a department named "human"'],
  ['{a: {owns: [/etc]}}', 'is not relative to the repository'],
  ['{a: {prompt: ../x.md}}', 'outside of the repository'],
  ['{a: {budget: -1}}', 'must be an amount'],
  ['{a: {permission-mode: bypassPermissions}}', 'must be one of acceptEdits, default, plan'],
  ['{a: {agents: {b: {prompt: x}}}}', '"description" of the sub-agent "b"'],
  ['{a: yes please}', 'is no map of options'],
  ['[a]', 'must be a map'],
])('a department that cannot be understood is refused with what to write: %s', (yaml, message) => {
  expect(read(`departments: ${yaml}`).problems.join()).toContain(message)
})

test.each([
  ['[{files: x}]', 'has no department as `owner` of contract 1'],
  ['[{owner: a}]', 'has no `files` in contract 1'],
  ['[{files: x, ownr: a}]', 'did you mean "owner"?'],
  ['x', 'must be a list'],
])('a contract without files and owner is refused: %s', (yaml, message) => {
  const found = contracts().read(parse(yaml))
  expect(found).toMatchObject({ kind: 'wrong', message: expect.stringContaining(message) })
})
