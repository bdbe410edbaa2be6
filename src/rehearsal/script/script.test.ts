import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultScript, parseScript, renderProblems, type Script } from './script.ts'

function read(text: string): Script {
  const parsed = parseScript(text)
  if (parsed.kind !== 'script') throw new Error(renderProblems('script', parsed.problems))
  return parsed.script
}

function refusal(text: string): string {
  const parsed = parseScript(text)
  return parsed.kind === 'script' ? 'accepted' : renderProblems('s', parsed.problems)
}

const session = (steps: string) => `sessions:\n  - match: { task: api }\n    steps:\n${steps.replace(/^/gm, '      ')}\n`

describe('what a script means', () => {
  test('every short form becomes its tool call', () => {
    const script = read(
      session(`- bash: npm test
- write: a.js
  content: "1"
- edit: a.js
  from: "1"
  to: "2"
- read: a.js
- tool: { name: Glob, input: { pattern: "*.js" } }
- ask: rm -rf build
- tools: [ { read: a.js }, { bash: ls } ]
- end: fine`),
    )
    const calls = script.sessions[0]?.replies.map((reply) => reply.calls.map((call) => call.name))
    expect(calls).toEqual([['Bash'], ['Write'], ['Read', 'Edit'], ['Read'], ['Glob'], ['Bash'], ['Read', 'Bash'], []])
    expect(script.sessions[0]?.replies[2]?.calls[1]?.input).toEqual({ file_path: 'a.js', old_string: '1', new_string: '2' })
  })

  test('texts, delays and obstacles join the next step that acts', () => {
    const script = read(
      session(`- text: first
- delay: 2s
- fail: { status: 429, retry-after: 2, times: 2 }
- text: second
  bash: ls
- text: last words`),
    )
    const replies = script.sessions[0]?.replies ?? []
    expect(replies.map((reply) => [reply.texts, reply.delayMs, reply.obstacles.length])).toEqual([
      [['first', 'second'], 2000, 1],
      [['last words'], 0, 0],
    ])
  })

  test('an empty script has the small commit for everyone', () => {
    expect(read('').fallback).toEqual(defaultScript().fallback)
    expect(
      defaultScript()
        .fallback.flatMap((reply) => reply.calls)
        .map((call) => call.input['command'])
        .join('\n'),
    ).toContain('orch done')
  })

  test('a delay is taken from the script, the session, or the step', () => {
    const text = `model-delay: 50ms\n${session('- bash: ls\n- { bash: ls, delay: 1s }')}`
    expect(read(text).sessions[0]?.replies.map((reply) => reply.delayMs)).toEqual([50, 1000])
    expect(read(text.replace('task: api }', 'task: api }\n    model-delay: 2s')).sessions[0]?.replies[0]?.delayMs).toBe(2000)
  })
})

describe('what is refused, with its line', () => {
  test.each([
    ['sessions: {}', 's:1:11: sessions: sessions must be a list'],
    [session('- bsh: ls'), 's:4:14: sessions[1].steps[1].bsh: unknown key "bsh"'],
    [session('- bash: ls\n- delay: 5'), 's:5:16: sessions[1].steps[2].delay: a duration like 200ms, 2s, 30m or 1h'],
    [session('- delay: soon'), 's:4:16: sessions[1].steps[1].delay: a duration like'],
    [session('- delay: 5 s'), 's:4:16: sessions[1].steps[1].delay: a duration like'],
    [session('- write: a.js'), 's:4:9: sessions[1].steps[1]: write and content go together'],
    [session('- edit: a.js\n  from: x'), 's:4:9: sessions[1].steps[1]: edit needs from and to'],
    [
      session('- { bash: ls, read: a.js }'),
      's:4:9: sessions[1].steps[1]: a step does one thing; here are bash and read (several calls in one answer: tools: [ … ])',
    ],
    [session('- bash: 12'), 's:4:15: sessions[1].steps[1].bash: bash must be text (put it in quotes)'],
    [session('- {}'), 's:4:9: sessions[1].steps[1]: a step must not be empty'],
    ['sessions:\n  - match: {}\n    steps: [ { end: x } ]', 's:2:12: sessions[1].match: match needs task:, prompt: or review:'],
    ['sessions:\n  - match: { by: docs, task: api }\n    steps: [ { end: x } ]', 'by: goes with review:'],
    [session('- verdict: { findings: [] }'), 'findings must not be empty'],
    ['sessions:\n  - match: { task: api }\n    steps: []', 's:3:12: sessions[1].steps: steps must not be empty'],
    ['default: [1', 's:1:12'],
    ['a: 1\na: 2', 's:2:1: Map keys must be unique'],
    ['- just\n- a list', 's:1:1: here must be a mapping (key: value), not a list'],
    [session('- [ ls ]'), 's:4:9: sessions[1].steps[1]: here must be a mapping'],
    ['sessions: 5', 's:1:11: sessions: sessions must be a list'],
    ['just a word', 's:1:1: a script is a mapping'],
  ])('%j', (text, problem) => {
    expect(refusal(text)).toContain(problem)
  })

  test('each kind of wrong failure names what a failure may be', () => {
    for (const fail of ['418', 'melted', '{ status: 418 }', '{}', '{ status: 429, kind: cut }', '{ status: 429, times: 0 }']) {
      expect(refusal(session(`- { fail: ${fail}, bash: ls }`)), fail).toMatch(/^s:4:\d+: sessions\[1\]\.steps\[1\]\.fail/)
    }
  })

  test('an alias bomb and a huge file end quickly', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`),
    ].join('\n')
    expect(refusal(bomb)).toContain('alias')
    expect(refusal('x'.repeat(4_000_001))).toContain('larger than 4 MB')
  })

  test('whatever the text, the answer is a script or problems with places, never an exception', () => {
    const words = fc.array(
      fc.constantFrom(
        'sessions:',
        '\n',
        '  ',
        '- ',
        'match: ',
        '{ task: a }',
        'steps:',
        'bash: ls',
        '[',
        '}',
        '&a ',
        '*a',
        '!!js ',
        '"',
        "'",
        '|',
        'default: ',
        '~',
        '1',
        '\t',
        '🦊',
      ),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const parsed = parseScript(text)
          if (parsed.kind === 'refused') for (const problem of parsed.problems) expect(problem.line).toBeGreaterThan(0)
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('the examples of the guide are scripts', () => {
  const guide = readFileSync(new URL('../../../docs/guide/rehearsal.md', import.meta.url), 'utf8')
  const examples = [...guide.matchAll(/```yaml(?: file=my\.yaml)?\n([\s\S]*?)```/g)].map((found) => found[1] ?? '')
  expect(examples.length).toBeGreaterThan(3)
  for (const example of examples) expect(refusal(example), example).toBe('accepted')
})
