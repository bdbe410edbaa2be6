import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commands } from '../../command-table.ts'
import { buildProgram } from '../../program/program.ts'
import { argvOf, type ToolInput } from './argv.ts'
import type { Field } from './field.ts'
import { listed } from './listing.ts'
import { parseInput } from './parse-input.ts'
import type { Tool } from './tool.ts'
import { tools } from './tools.ts'

/** What a command line is taken for. */
interface Meant {
  readonly command: string
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

async function meant(argv: readonly string[]): Promise<Meant> {
  const found: Meant[] = []
  const silent = { stream: { write: () => true } as unknown as NodeJS.WriteStream }
  const output = { answers: silent, narration: silent } as unknown as Parameters<typeof buildProgram>[2]
  const act = async ({ name }: { name: string }, words: readonly string[], options: Record<string, unknown>) =>
    void found.push({ command: name, words, options: longNames(options) })
  // As the program does it: no more than what the first word can mean.
  const possible = commands.filter(({ name }) => name === argv[0] || name.startsWith(`${argv[0]} `))
  await buildProgram(possible, act, output).parseAsync([...argv], { from: 'user' })
  expect(found, argv.join(' ')).toHaveLength(1)
  return found[0] as Meant
}

/** `dryRun` as `--dry-run`; without what is true because nobody said `--no-…`. */
function longNames(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(options).filter(([key, value]) => !['color', 'sweep', 'wait'].includes(key) || value !== true)
  return Object.fromEntries(given.map(([key, value]) => [`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value]))
}

const HOSTILE = [
  '--help',
  '-h',
  '--all',
  '--',
  '-',
  '--no-color',
  '--json',
  '--discard=x',
  'help',
  'pause',
  '$(touch x)',
  "'; touch x",
  '\u001b[2J',
  'm13',
  '=',
  '--x=y',
]
const hostileText = fc
  .oneof(fc.constantFrom(...HOSTILE), fc.string({ minLength: 1, unit: 'grapheme' }))
  .filter((text) => text.trim() !== '' && !text.includes('\0'))

function valueOf({ schema, isInside }: Field): fc.Arbitrary<ToolInput[string]> {
  switch (schema.type) {
    case 'string':
      return isInside === true ? hostileText.map((text) => text.replaceAll(/\/|\.\./g, '-')) : hostileText
    case 'array':
      return fc.array(hostileText, { minLength: 1, maxLength: 4 })
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: schema.minimum, max: schema.maximum })
    case 'number':
      return fc.integer({ min: 1, max: 10_000_000 }).map((cents) => cents / 100)
  }
}

function inputOf({ fields }: Tool): fc.Arbitrary<ToolInput> {
  const values = Object.entries(fields).map(([key, field]) => [key, valueOf(field)])
  const requiredKeys = Object.entries(fields).flatMap(([key, { isRequired }]) => (isRequired ? [key] : []))
  return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<ToolInput[string]>>, {
    requiredKeys,
  }) as fc.Arbitrary<ToolInput>
}

test.each(tools.map((tool) => [tool.name, tool] as const))(
  '%s: whatever is given, it is the command of its row with exactly that',
  async (_name, tool) => {
    await fc.assert(
      fc.asyncProperty(inputOf(tool), async (input) => {
        expect(await meant(argvOf(tool, parseInput(tool, input)))).toEqual(expected(tool, input))
      }),
      { numRuns: 60 },
    )
  },
)

/** Said again from the row, not from the command line that was made of it. */
function expected({ command, fields }: Tool, input: ToolInput): Meant {
  const given = Object.entries(fields).map(([key, { goesTo }]) => ({ goesTo, value: input[key] }))
  const options = given.flatMap(({ goesTo, value }) => {
    if (goesTo.kind === 'option' && value !== undefined) return [[goesTo.name, String(value)]]
    if (goesTo.kind !== 'flag' || (value === true) !== goesTo.isGivenWhen) return []
    const [flag, chosen] = goesTo.flag.split('=')
    return [[flag, chosen ?? true]]
  })
  return {
    command: command.filter((word) => !word.startsWith('-')).join(' '),
    words: given.flatMap(({ goesTo, value }) => (goesTo.kind === 'operand' && value !== undefined ? value : [])).map(String),
    options: Object.fromEntries([
      ...command.filter((word) => word.startsWith('-')).map((flag) => [flag, true]),
      ...options,
    ]) as Meant['options'],
  }
}

test('each name is one tool, and says what it takes in few bytes', () => {
  expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length)
  const list = tools.map(listed)
  const forModel = list.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema }))
  expect(JSON.stringify(forModel).length).toBeLessThan(6_700)
  expect(JSON.stringify(list).length).toBeLessThan(8_600)
})

test('what lands, deletes, ends or is the word of the person is marked as destroying; what reads, as reading', () => {
  const hints = new Map(tools.map((tool) => [tool.name, listed(tool).annotations]))
  for (const name of ['answer', 'approve', 'deny', 'merge', 'cleanup', 'discard', 'stop', 'undo'])
    expect(hints.get(name), name).toEqual({ destructiveHint: true })
  expect(hints.get('spawn')).toEqual({ destructiveHint: false })
  expect(hints.get('monitor')).toEqual({ readOnlyHint: true, openWorldHint: false })
  // Every reading tool's command changes nothing: it has nothing to say what it would change.
  for (const { name, kind, command } of tools) {
    const spec = commands.find((known) => known.name === command.filter((word) => !word.startsWith('-')).join(' '))
    if (kind === 'reading' && name !== 'inbox' && name !== 'review')
      expect(
        spec?.options.map(([flags]) => flags),
        name,
      ).not.toContain('--dry-run')
  }
})

interface Hooks {
  readonly hooks: { readonly PreToolUse: readonly { readonly matcher: string; readonly hooks: readonly { readonly command: string }[] }[] }
}

test('the plugin lets read without asking, and asks the person for their own word', () => {
  const file = readFileSync(new URL('../../../../plugin/hooks/hooks.json', import.meta.url), 'utf8')
  const rules = (JSON.parse(file) as Hooks).hooks.PreToolUse.map(({ matcher, hooks: [hook] }) => ({
    matcher: new RegExp(matcher),
    command: hook?.command ?? '',
  }))
  for (const { name, kind } of tools) {
    const called = `mcp__plugin_orch_orch__${name}`
    const said = rules
      .filter(({ matcher }) => matcher.test(called))
      .flatMap(({ command }) => /"permissionDecision":"(\w+)"/.exec(command)?.[1] ?? [])
    expect(said, name).toEqual({ reading: ['allow'], acting: [], persons: ['ask'] }[kind])
  }
})

test('nothing of a model decides what is run as a validation, or that work lands without its person', () => {
  const options = tools
    .flatMap(({ fields }) => Object.values(fields))
    .flatMap(({ goesTo }) => (goesTo.kind === 'option' ? [goesTo.name] : []))
  for (const option of ['--validate', '--land', '--accept', '--prompt-file', '--from-file', '--output', '--remote'])
    expect(options).not.toContain(option)
})

test.each([
  ['merge', { nme: 'x' }, 'nme'],
  ['logs', {}, 'name'],
  ['logs', { name: ' ' }, 'it is empty'],
  ['logs', { name: 'a\0b' }, 'NUL'],
  ['logs', { name: 'x'.repeat(201) }, 'name'],
  ['spawn', { name: 'a', prompt: 'b', attempts: 0 }, 'attempts'],
  ['spawn', { name: 'a', prompt: 'b', attempts: 1.5 }, 'attempts'],
  ['spawn', { name: 'a', prompt: 'b', budget: -1 }, 'budget'],
  ['merge', { names: [] }, 'names'],
  ['merge', { names: Array.from({ length: 51 }, () => 'a') }, 'names'],
  ['merge', { names: 'api' }, 'names'],
  ['merge', 'api', 'Object'],
  ['plan', { backlog: '/etc/passwd' }, 'out of the repository'],
  ['run', { backlog: 'a/../../b.md' }, 'out of the repository'],
])('%s refuses %j', (name, input, why) => {
  const tool = tools.find((known) => known.name === name)
  expect(() => parseInput(tool as Tool, input)).toThrow(why)
})
