import { globProblem } from '../../domain/backlog/ownership.ts'
import { BUILT_IN_DEPARTMENTS, departmentOf } from '../../domain/features/built-in-departments.ts'
import { PERMISSION_MODES, type Department, type Subagent } from '../../domain/features/department.ts'
import { isDepartmentName } from '../../foundation/brand.ts'
import { nearest } from '../../foundation/suggestion.ts'
import { agent, amount, list, text } from '../option-kinds.ts'
import type { Kind, Reading } from '../option-kinds.ts'

const SAYS =
  'a map from a name to what that department is: `prompt`, `owns`, `reviews`, `veto`, `model`, `budget`, `tools`, `permission-mode`, `agents`, `agent`'
const KEYS = ['prompt', 'owns', 'reviews', 'veto', 'model', 'budget', 'tools', 'permission-mode', 'agents', 'agent'] as const
const MOST_DEPARTMENTS = 50

/** The option `departments`: each over the built-in one of its name, in the order in which they are written. */
export function departments(): Kind<readonly Department[]> {
  return { type: 'departments', says: SAYS, jsonSchema: schema(), read: (value) => reading(() => readAll(value)), fromText: jsonOf, write }
}

/** A problem is thrown as its message within the file of a kind, and read as a wrong value outside. */
export class Wrong extends Error {}

export function reading<T>(read: () => T): Reading<T> {
  try {
    return { kind: 'read', value: read() }
  } catch (error) {
    if (error instanceof Wrong) return { kind: 'wrong', message: error.message }
    throw error
  }
}

/** As a variable or `orch config set` writes it. */
export function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}

export function mapOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new Wrong(`has ${what} that is no map of options`)
  return value as Readonly<Record<string, unknown>>
}

export function refuseUnknown(found: readonly string[], known: readonly string[], where: string): void {
  const unknown = found.find((key) => !known.includes(key))
  if (unknown === undefined) return
  const meant = nearest(unknown, known)
  throw new Wrong(
    `has an unknown option "${unknown}" in ${where}${meant === undefined ? `: it takes ${known.join(', ')}` : `; did you mean "${meant}"?`}`,
  )
}

/** Globs of paths in the repository. */
export function globsOf(value: unknown, where: string): readonly string[] {
  const globs = typeof value === 'string' ? [value] : require(list().read(value), where)
  const problem = globs.map((glob) => globProblem(glob)).find((found) => found !== undefined)
  if (problem !== undefined) throw new Wrong(`has a glob in ${where} that cannot be used: ${problem}`)
  return globs
}

function require<T>(found: Reading<T>, where: string): T {
  if (found.kind === 'wrong') throw new Wrong(`has a ${where} that ${found.message}`)
  return found.value
}

function readAll(value: unknown): readonly Department[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Wrong(`must be ${SAYS}`)
  const said = Object.entries(value)
  if (said.length > MOST_DEPARTMENTS) throw new Wrong(`has more than ${MOST_DEPARTMENTS} departments`)
  const found = said.map(([name, one]) => readOne(name, one))
  for (const { name, reviews } of found) refuseStrangers(name, reviews, found)
  return found
}

function readOne(name: string, value: unknown): Department {
  if (!isDepartmentName(name) || name === 'all' || name === 'human' || name === 'orch')
    throw new Wrong(
      `has a department named ${JSON.stringify(name)}: a name is up to 30 small letters, digits and single dashes, begins with a letter, and is not all, human or orch`,
    )
  const said = mapOf(value, `a department "${name}"`)
  refuseUnknown(Object.keys(said), KEYS, `the department "${name}"`)
  const where = (key: string): string => `"${key}" of the department "${name}"`
  const given = <T>(key: (typeof KEYS)[number], read: (value: unknown, where: string) => T): T | undefined =>
    said[key] === undefined || said[key] === null ? undefined : read(said[key], where(key))
  return departmentOf(
    name,
    withoutUnset({
      prompt: given('prompt', promptPath),
      owns: given('owns', globsOf),
      reviews: given('reviews', (one, at) => require(list().read(typeof one === 'string' ? [one] : one), at)),
      hasVeto: given('veto', truth),
      model: given('model', (one, at) => require(text().read(one), at)),
      budgetUsd: given('budget', (one, at) => require(amount().read(one), at)),
      tools: given('tools', (one, at) => require(list().read(one), at)),
      permissionMode: given('permission-mode', modeOf),
      subagents: given('agents', subagentsOf),
      agent: given('agent', (one, at) => require(agent().read(one), at)),
    }),
  )
}

function withoutUnset<T extends object>(said: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** A department reviews others by their name; anything that could be a path is a glob. */
function refuseStrangers(name: string, reviews: readonly string[], all: readonly Department[]): void {
  const known = [...new Set([...BUILT_IN_DEPARTMENTS, ...all.map((one) => one.name)])]
  for (const review of reviews) {
    if (review === name) throw new Wrong(`has a department "${name}" that reviews itself`)
    if (known.includes(review) || /[*?[{/.]/.test(review)) continue
    const meant = nearest(review, known)
    throw new Wrong(
      `has a department "${name}" that reviews "${review}", which is no department and no glob${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    )
  }
}

function promptPath(value: unknown, where: string): string {
  const path = require(text().read(value), where)
  if (path.startsWith('/') || path.split('/').includes('..')) throw new Wrong(`has a ${where} that is outside of the repository`)
  return path
}

function truth(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw new Wrong(`has a ${where} that must be true or false`)
  return value
}

function modeOf(value: unknown, where: string): Department['permissionMode'] {
  const mode = PERMISSION_MODES.find((known) => known === value)
  if (mode === undefined) throw new Wrong(`has a ${where} that must be one of ${PERMISSION_MODES.join(', ')}`)
  return mode
}

function subagentsOf(value: unknown, where: string): Readonly<Record<string, Subagent>> {
  return Object.fromEntries(
    Object.entries(mapOf(value, where)).map(([name, one]) => {
      const said = mapOf(one, `a sub-agent "${name}"`)
      const at = (key: string): string => `"${key}" of the sub-agent "${name}"`
      refuseUnknown(Object.keys(said), ['description', 'prompt', 'tools', 'model'], `the sub-agent "${name}"`)
      return [
        name,
        {
          description: require(text().read(said['description']), at('description')),
          prompt: require(text().read(said['prompt']), at('prompt')),
          ...(said['tools'] !== undefined && { tools: require(list().read(said['tools']), at('tools')) }),
          ...(said['model'] !== undefined && { model: require(text().read(said['model']), at('model')) }),
        },
      ]
    }),
  )
}

function write(value: readonly Department[]): unknown {
  return Object.fromEntries(
    value.map(({ name, owns, reviews, hasVeto, budgetUsd, permissionMode, subagents, ...same }) => [
      name,
      {
        ...same,
        ...(owns.length > 0 && { owns }),
        reviews,
        ...(hasVeto && { veto: true }),
        ...(budgetUsd !== undefined && { budget: budgetUsd }),
        ...(permissionMode !== undefined && { 'permission-mode': permissionMode }),
        ...(subagents !== undefined && { agents: subagents }),
      },
    ]),
  )
}

function schema(): Record<string, unknown> {
  const words = { type: 'array', items: { type: 'string', minLength: 1 } }
  const globs = { anyOf: [{ type: 'string', minLength: 1 }, words] }
  const subagent = {
    type: 'object',
    properties: { description: { type: 'string' }, prompt: { type: 'string' }, tools: words, model: { type: 'string' } },
    required: ['description', 'prompt'],
    additionalProperties: false,
  }
  const properties = {
    prompt: { type: 'string', minLength: 1 },
    owns: globs,
    reviews: globs,
    veto: { type: 'boolean' },
    model: { type: 'string', minLength: 1 },
    budget: amount().jsonSchema,
    tools: words,
    'permission-mode': { enum: PERMISSION_MODES },
    agents: { type: 'object', additionalProperties: subagent },
    agent: agent().jsonSchema,
  } satisfies Record<(typeof KEYS)[number], unknown>
  return {
    type: 'object',
    propertyNames: { pattern: '^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$', maxLength: 30 },
    maxProperties: MOST_DEPARTMENTS,
    additionalProperties: { type: ['object', 'null'], properties, additionalProperties: false },
  }
}
