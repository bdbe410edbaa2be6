import { describe, expect, test } from 'vitest'
import { parseBacklog } from './backlog.ts'

const codes = (text: string) => parseBacklog(text).problems.map(({ code, line }) => `${code}@${line}`)
const one = (text: string) => {
  const { tasks, problems } = parseBacklog(text)
  expect(problems).toEqual([])
  return tasks[0]
}

describe('tasks', () => {
  test('plain lists work', () => {
    const { tasks, problems } = parseBacklog(
      '# Backlog\n\n- [ ] Database schema + migrations\n- [ ] Core API endpoints\n- [x] Authentication middleware\n',
    )
    expect(problems).toEqual([])
    expect(tasks.map(({ id, title, isDone, line, boxOffset }) => [id, title, isDone, line, boxOffset])).toEqual([
      ['database-schema-migrations', 'Database schema + migrations', false, 3, 14],
      ['core-api-endpoints', 'Core API endpoints', false, 4, 49],
      ['authentication-middleware', 'Authentication middleware', true, 5, 74],
    ])
  })

  test('all markers, boxes, groups; prose, code, comments and quotes are passed over', () => {
    const text =
      '* [ ] a\n\n+ [X] b\n\n1. [ ] c\n2) [x] d\n\n- Phase one\n  - [ ] e\n    - [ ] criterion\n\n```\n- [ ] f\n```\n\n    - [ ] g\n\n<!-- x\n- [ ] h\n-->\n\n> - [ ] i\n\n- [x](http://x)\n- [ ](http://x)\n- [x]: y\n'
    expect(parseBacklog(text).tasks.map((task) => task.title)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(parseBacklog(text).problems).toEqual([])
  })

  test('a task with everything', () => {
    const task = one(`- [ ] Users API
  Build it **well**.

  - [ ] lists users
  - [ ] tests

  \`\`\`ts
  const indented = true
  \`\`\`

  - id: users
  - owns: src/api/**, src/{a,b}/*.ts
  - validate: npm test -- --grep "a: b"
  - retries: 3
  - attempts: 2
  - attempt-models: opus, sonnet
  - department: backend
  - model: claude-opus-4-5[1m]
  - budget: $2.50
- [x] x
`)
    expect(task).toEqual({
      id: 'users',
      title: 'Users API',
      needs: [],
      owns: ['src/api/**', 'src/{a,b}/*.ts'],
      validate: 'npm test -- --grep "a: b"',
      retries: 3,
      attempts: 2,
      attemptModels: ['opus', 'sonnet'],
      department: 'backend',
      model: 'claude-opus-4-5[1m]',
      budgetUsd: 2.5,
      isDone: false,
      line: 1,
      boxOffset: 3,
      body: 'Build it **well**.\n\n- [ ] lists users\n- [ ] tests\n\n```ts\nconst indented = true\n```',
    })
  })

  test('needs by id, by title, in code, below; owns escaped by a formatter', () => {
    const { tasks, problems } = parseBacklog(
      '- [ ] Core API\n- [ ] Big, thing\n  - id: big\n- [ ] c\n  - **Needs**: Core API, `big`\n- [ ] d\n  - needs:\n    - c\n    - core-api\n- [ ] e\n  - owns: src/api/\\*\\*\n',
    )
    expect(problems).toEqual([])
    expect(tasks.map((task) => task.needs)).toEqual([[], [], ['core-api', 'big'], ['c', 'core-api'], []])
    expect(tasks[4]?.owns).toEqual(['src/api/**'])
  })

  test('lists of prose belong to the body, a misspelt attribute does not', () => {
    expect(one('- [ ] a\n  - Note: this\n  - do that\n')?.body).toBe('- Note: this\n- do that')
    expect(one('- [ ] a\n  - do that\n  - retries: 2\n')).toMatchObject({ retries: 2, body: '- do that' })
    expect(parseBacklog('- [ ] a\n  - need: b\n').problems).toMatchObject([{ code: 'unknown-attribute', line: 2, suggestion: 'needs' }])
    expect(codes('- [ ] a\n  - retries: 1\n  - colour: red\n')).toEqual(['unknown-attribute@3'])
    expect(codes('- [ ] a\n  - retries: 1\n  - retries: 2\n')).toEqual(['repeated-attribute@3'])
    expect(one('- [ ] a\n  - http://example.com\n  - constructor: x\n')?.body).toBe('- http://example.com\n- constructor: x')
  })

  test('line ends, byte order mark, tabs, bytes that are no UTF-8', () => {
    expect(one('\uFEFF- [ ] Café à\r\n\tbody\r\n\t\tdeeper\r\n')).toMatchObject({
      title: 'Café à',
      body: '  body\n  \tdeeper',
      boxOffset: 6,
    })
    expect(parseBacklog(Uint8Array.from([0xff, 0xa0, 0x0a, 0x0a, ...Buffer.from('- [ ] à')])).tasks[0]).toMatchObject({
      title: 'à',
      boxOffset: 7,
    })
  })

  test('hostile titles stay text', () => {
    for (const title of [
      '--upload-pack=x',
      '$(rm -rf /)',
      '\u001b]0;x\u0007',
      '../../etc',
      'a`b`c',
      '; true',
      '\u202eevil',
      '<b>',
      '\\',
      '![x](y)',
      'x'.repeat(5000),
    ]) {
      const task = one(`- [ ] ${title}\n`)
      expect(task?.title).toBe(title)
      expect(task?.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    }
  })

  test('ids do not depend on other lines and tell titles apart', () => {
    const ids = (text: string) => parseBacklog(text).tasks.map((task) => task.id)
    expect(ids('\n\n- [ ] 修正する\n- [ ] 追加する')).toEqual(ids('- [ ] 修正する\n- [ ] 追加する'))
    const long = 'Write the integration tests for the payments module in the '
    expect(new Set(ids(`- [ ] ${long}frontend\n- [ ] ${long}backend\n- [ ] Добавить API\n- [ ] Удалить API\n`)).size).toBe(4)
    expect(ids('- [ ] Größere Änderung')[0]).toMatch(/^gro/)
    expect(ids('- [ ] Crème brûlée')).toEqual(['creme-brulee'])
  })
})

describe('problems', () => {
  test('duplicates name both lines; two finished ones are history', () => {
    expect(parseBacklog('- [ ] A b\n\n- [x] a B\n').problems).toMatchObject([{ code: 'duplicate-id', line: 3, otherLines: [1] }])
    expect(codes('- [x] a\n- [x] a\n')).toEqual([])
  })

  test('cycles name their path, unknown needs a suggestion', () => {
    expect(
      parseBacklog('- [ ] a\n  - needs: b\n- [ ] b\n  - needs: c\n- [ ] c\n  - needs: a\n- [ ] d\n  - needs: a\n').problems,
    ).toMatchObject([{ code: 'cycle', line: 1, path: ['a', 'b', 'c'], otherLines: [1, 3, 5] }])
    expect(codes('- [ ] a\n  - needs: a\n')).toEqual(['cycle@1'])
    expect(parseBacklog('- [ ] Core API\n- [ ] b\n  - needs: core-apo\n').problems).toMatchObject([
      { code: 'unknown-need', line: 3, suggestion: 'core-api' },
    ])
  })

  test('overlaps count only where both may run at once', () => {
    const two = (more: string) => `- [ ] a\n  - owns: src/**\n- [ ] b\n  - owns: src/api/*.ts\n${more}`
    expect(parseBacklog(two('')).problems).toMatchObject([{ code: 'overlap', line: 3, otherLines: [1] }])
    expect(codes(two('  - needs: a\n'))).toEqual([])
    expect(codes(two('  - needs: c\n- [ ] c\n  - needs: a\n'))).toEqual([])
    expect(codes(two('').replace('[ ] a', '[x] a'))).toEqual([])
  })

  test('bad values, empty titles, boxes that are none', () => {
    for (const bad of [
      'id: A B',
      'id:',
      'needs:',
      'needs: ,',
      'owns: /etc',
      'owns: ../x',
      'owns:',
      'validate:',
      'retries: 0',
      'retries: 1.5',
      'retries: many',
      'attempts: 0',
      'attempts: 10',
      'attempt-models:',
      'attempt-models: a b',
      'department: a b',
      'model: a b',
      'budget: 0',
      'budget: -1',
      'budget: 1e9',
      'budget: EUR 5',
    ]) {
      expect(codes(`- [ ] a\n  - ${bad}\n`), bad).toEqual(['bad-value@2'])
    }
    for (const good of ['budget: 5', 'budget: $5', 'budget: 5 USD', 'budget: 0.5'])
      expect(codes(`- [ ] a\n  - ${good}\n`), good).toEqual([])
    expect(codes('- [ ]\n- [ ] \n- [x]   \n')).toEqual(expect.arrayContaining(['empty-title@1', 'empty-title@2', 'empty-title@3']))
    expect(codes('- [] a\n- [ ]b\n- [x]b\n')).toEqual(['malformed-box@1', 'malformed-box@2', 'malformed-box@3'])
  })
})

describe('size', () => {
  test('ten megabytes are refused without being parsed', () => {
    const file = Buffer.alloc(10_000_000, '- [ ] a task\n')
    const before = performance.now()
    expect(parseBacklog(file)).toMatchObject({ tasks: [], problems: [{ code: 'too-large' }] })
    expect(performance.now() - before).toBeLessThan(2000) // parsed, it takes many seconds
    expect(codes('- [ ] a\n'.repeat(6000))).toEqual(['too-large@1'])
  })

  test('thousands of tasks that own a folder each are compared to the end', () => {
    expect(codes(Array.from({ length: 4900 }, (_, n) => `- [ ] Task ${n}\n  - owns: src/f${n}/**, docs/f${n}\n`).join(''))).toEqual([])
  }, 20_000)

  test.each([
    [
      'tasks that own a folder each',
      Array.from({ length: 5000 }, (_, n) => `- [ ] Task ${n}\n  text\n  - needs: task-${Math.max(0, n - 1)}\n  - owns: src/${n}/**\n`)
        .join('')
        .replace('  - needs: task-0\n', ''),
    ],
    ['tasks that all own one name pattern', Array.from({ length: 5000 }, (_, n) => `- [ ] Task ${n}\n  - owns: "*/a${n}"\n`).join('')],
    [
      'globs made to be slow',
      Array.from(
        { length: 400 },
        (_, n) => `- [ ] Task ${n}\n  - owns: ${'*a'.repeat(30)}${'?'.repeat(n % 20)}${n}, {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}*${n}\n`,
      ).join(''),
    ],
    ['one endless line', `- [ ] ${'['.repeat(1_900_000)}`],
    ['deep nesting', '- '.repeat(900_000)],
    ['steps of nesting', Array.from({ length: 1300 }, (_, n) => `${' '.repeat(n)}- [ ] a`).join('\n')],
    ['one endless body', `- [ ] a\n${'  word\n'.repeat(270_000)}`],
    ['attributes without end', `- [ ] a\n${'  - needs: b\n'.repeat(140_000)}`],
    ['needs without end', `- [ ] a\n  - needs: ${'b,'.repeat(900_000)}`],
  ])(
    'hostile files of allowed size end in time: %s',
    (_, text) => {
      const before = performance.now()
      parseBacklog(text)
      const took = performance.now() - before
      expect(took).toBeLessThan(15_000)
    },
    20_000,
  )
})
