import { globProblem } from '../../domain/backlog/ownership.ts'
import { DETECTIONS, type GateRule } from '../../domain/gates/gate.ts'
import { nearest } from '../../foundation/suggestion.ts'
import { amount, type Kind, type Reading } from '../option-kinds.ts'

const SAYS = 'a list of rules: `- name: ["glob", …]`, `- name: new-dependency` (or another of what orch finds), `- name: $20`'
const MOST_RULES = 50

/** The option `gates`: each rule has a name and says what it stops at. */
export function gates(): Kind<readonly GateRule[]> {
  return { type: 'gates', says: SAYS, jsonSchema: listSchema(), read, fromText, write: (rules) => rules.map(write) }
}

/** A problem is thrown as its message within this file, and read as a wrong value outside. */
class Wrong extends Error {}

function read(value: unknown): Reading<readonly GateRule[]> {
  try {
    return { kind: 'read', value: readRules(value) }
  } catch (error) {
    if (error instanceof Wrong) return { kind: 'wrong', message: error.message }
    throw error
  }
}

function readRules(value: unknown): readonly GateRule[] {
  if (!Array.isArray(value) || value.length > MOST_RULES) throw new Wrong(`must be ${SAYS}`)
  const rules = value.map(readRule)
  const names = rules.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Wrong(`has two rules named "${twice}"`)
  return rules
}

/** A word alone is what orch finds, under its own name. */
function readRule(value: unknown): GateRule {
  if (typeof value === 'string') return { name: value, detects: detection(value) }
  const [named, another] = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  if (named === undefined) throw new Wrong('has a rule without a name: write `- auth: ["**/auth/**"]`')
  const [name, what] = named as [string, unknown]
  if (another !== undefined) throw new Wrong(`has a rule with two names, "${name}" and "${another[0]}": begin each with a dash`)
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(name))
    throw new Wrong(`has a rule named ${JSON.stringify(name)}: a name is up to 40 letters, digits, dashes and underscores`)
  return { name, ...condition(name, what) }
}

function condition(name: string, what: unknown): Omit<GateRule, 'name'> {
  if (Array.isArray(what)) return { paths: globs(name, what) }
  if (typeof what === 'string' && !what.trim().startsWith('$'))
    return /[/*?.{[]/.test(what) ? { paths: globs(name, [what]) } : { detects: detection(what) }
  const usd = amount().read(what)
  if (usd.kind === 'wrong')
    throw new Wrong(`has a rule "${name}" that is none of: a list of globs, one of ${DETECTIONS.join(', ')}, an amount such as $20`)
  return { overUsd: usd.value }
}

function globs(name: string, given: readonly unknown[]): readonly string[] {
  if (given.length === 0) throw new Wrong(`has a rule "${name}" without a glob, so it would stop at nothing`)
  return given.map((glob) => {
    const problem = typeof glob === 'string' ? globProblem(glob) : `${JSON.stringify(glob)} is no glob`
    if (problem !== undefined) throw new Wrong(`has a rule "${name}": ${problem}`)
    return String(glob)
  })
}

function detection(word: string): (typeof DETECTIONS)[number] {
  const known = DETECTIONS.find((one) => one === word)
  if (known !== undefined) return known
  const meant = nearest(word, DETECTIONS)
  const next = meant === undefined ? `one of ${DETECTIONS.join(', ')}; a path is written as a list` : `did you mean "${meant}"?`
  throw new Wrong(`has "${word}", which orch does not look for: ${next}`)
}

function fromText(written: string): unknown {
  try {
    return written.trimStart().startsWith('[') ? JSON.parse(written) : written.split(',').map((word) => word.trim())
  } catch {
    return undefined
  }
}

function write({ name, paths, detects, overUsd }: GateRule): unknown {
  if (detects === name) return name
  return { [name]: paths ?? detects ?? `$${overUsd}` }
}

function listSchema(): Record<string, unknown> {
  const what = {
    anyOf: [
      { enum: DETECTIONS },
      { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
      { type: 'string', minLength: 1 },
      { type: 'number', exclusiveMinimum: 0 },
    ],
  }
  const item = { anyOf: [{ enum: DETECTIONS }, { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: what }] }
  return { type: 'array', maxItems: MOST_RULES, items: item }
}
