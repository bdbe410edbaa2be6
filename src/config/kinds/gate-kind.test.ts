import { expect, test } from 'vitest'
import { parseConfigFile } from '../config-file.ts'
import { gates } from './gate-kind.ts'

const read = (text: string) => parseConfigFile(text, 'orch.yaml', 'project')

test('rules are paths, what orch finds, or money, each with its name', () => {
  const { values, problems } = read(
    'gates:\n  - auth: ["**/auth/**", "!**/auth/**/*.md"]\n  - schema: db/schema.sql\n  - dependencies: new-dependency\n  - secret\n  - money: $20\n  - more: 7.5\n',
  )
  expect(problems).toEqual([])
  expect(values.gates).toEqual([
    { name: 'auth', paths: ['**/auth/**', '!**/auth/**/*.md'] },
    { name: 'schema', paths: ['db/schema.sql'] },
    { name: 'dependencies', detects: 'new-dependency' },
    { name: 'secret', detects: 'secret' },
    { name: 'money', overUsd: 20 },
    { name: 'more', overUsd: 7.5 },
  ])
  const kind = gates()
  const written = kind.write(values.gates as never)
  expect(kind.read(written)).toEqual({ kind: 'read', value: values.gates })
  expect(kind.read(kind.fromText('secret, licence'))).toMatchObject({ value: [{ detects: 'secret' }, { detects: 'licence' }] })
  expect(kind.read(kind.fromText('[{"auth":["auth/"]}]'))).toMatchObject({ value: [{ name: 'auth', paths: ['auth/'] }] })
})

test.each([
  ['gates: secret', 'must be a list of rules'],
  ['gates: [secrt]', 'did you mean "secret"?'],
  ['gates: [{a: new-dependancy}]', 'did you mean "new-dependency"?'],
  ['gates: [{a: auth}]', 'a path is written as a list'],
  ['gates: [{a: []}]', 'would stop at nothing'],
  ['gates: [{a: [/etc]}]', 'not relative to the repository'],
  ['gates: [{a: [3]}]', '3 is no glob'],
  ['gates: [{a: $0}]', 'an amount such as $20'],
  ['gates: [{a: $x}]', 'an amount such as $20'],
  ['gates: [{a: secret, b: licence}]', 'two names'],
  ['gates: [{"a b": secret}]', 'has a rule named "a b"'],
  ['gates: [{a: secret}, {a: licence}]', 'two rules named "a"'],
  ['gates: [[secret]]', 'without a name'],
])('a wrong rule is refused with its line and what to write: %s', (line, words) => {
  const { problems } = read(`# first\n${line}\n`)
  expect(problems).toMatchObject([{ where: 'orch.yaml:2', message: expect.stringContaining(words) as unknown }])
})
