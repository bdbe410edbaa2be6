import * as v from 'valibot'
import { plainLine } from '../../../foundation/text.ts'
import { usageFailure } from '../../failures.ts'
import type { ToolInput } from './argv.ts'
import type { FieldSchema } from './field.ts'
import type { Tool } from './tool.ts'

/** What the client sent, once it is known to be what the tool takes. Failure: `usage`. */
export function parseInput(tool: Tool, given: unknown): ToolInput {
  const parsed = v.safeParse(v.strictObject(entriesOf(tool)), given ?? {})
  if (parsed.success) return withoutAbsent(parsed.output)
  const [{ path, message }] = parsed.issues
  const where = path?.map(({ key }) => String(key)).join('.') ?? ''
  throw usageFailure(
    `${tool.name} does not take this: ${plainLine(where === '' ? message : `${where}: ${message}`)}`,
    'look at the schema of the tool',
  )
}

/** Every tool may be asked about another repository than the one that its client stands in. */
const REPOSITORY: FieldSchema = { type: 'string', maxLength: 4096 }

type Entry = v.GenericSchema<ToolInput[string] | undefined>

function entriesOf(tool: Tool): Record<string, Entry> {
  const own = Object.entries(tool.fields).map(([key, { schema, isRequired, isInside }]): [string, Entry] => {
    const value = isInside === true ? v.pipe(textOf(LONGEST_PATH), INSIDE) : valueOf(schema)
    return [key, isRequired ? value : v.optional(value)]
  })
  return { ...Object.fromEntries(own), repository: v.optional(valueOf(REPOSITORY)) }
}

function valueOf(schema: FieldSchema): v.GenericSchema<ToolInput[string]> {
  switch (schema.type) {
    case 'boolean':
      return v.boolean()
    case 'integer':
      return v.pipe(v.number(), v.integer(), v.minValue(schema.minimum), v.maxValue(schema.maximum))
    case 'number':
      return v.pipe(v.number(), v.minValue(schema.minimum), v.maxValue(schema.maximum))
    case 'array':
      return v.pipe(v.array(textOf(LONGEST_ITEM)), v.minLength(1), v.maxLength(schema.maxItems))
    case 'string':
      return textOf(schema.maxLength)
  }
}

/** An item is said without its length: that would be said in every list of every tool. */
const LONGEST_ITEM = 4_000

const LONGEST_PATH = 400
const INSIDE = v.check((path: string) => !path.startsWith('/') && !path.split(/[\\/]/).includes('..'), 'it leads out of the repository')

/** No program can be given a NUL in an argument. */
function textOf(longest: number) {
  return v.pipe(
    v.string(),
    v.maxLength(longest),
    v.check((text) => text.trim() !== '', 'it is empty'),
    v.check((text) => !text.includes('\0'), 'it has a NUL in it'),
  )
}

function withoutAbsent(input: Readonly<Record<string, ToolInput[string] | undefined>>): ToolInput {
  return Object.fromEntries(Object.entries(input).filter((entry): entry is [string, ToolInput[string]] => entry[1] !== undefined))
}
