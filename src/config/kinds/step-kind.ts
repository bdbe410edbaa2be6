import { RUNNERS, stepsOf } from '../../domain/queue/step.ts'
import type { ReportChoice, Step } from '../../domain/queue/step.ts'
import { duration } from '../option-kinds.ts'
import type { Kind, Reading } from '../option-kinds.ts'

const SAYS = 'a command, or a list of steps: each a name with its command, and if need be `timeout`, `report` and `needs`'
const REPORTS = [...RUNNERS, 'tap', 'none'] as const
const MOST_STEPS = 50

/** The option `validate`: one command line, or named steps in their order. */
export function steps(): Kind<readonly Step[]> {
  return { type: 'steps', says: SAYS, jsonSchema: { anyOf: [{ type: 'string', minLength: 1 }, listSchema()] }, read, fromText, write }
}

/** A problem is thrown as its message within this file, and read as a wrong value outside. */
class Wrong extends Error {}

function read(value: unknown): Reading<readonly Step[]> {
  try {
    return { kind: 'read', value: readSteps(value) }
  } catch (error) {
    if (error instanceof Wrong) return { kind: 'wrong', message: error.message }
    throw error
  }
}

function readSteps(value: unknown): readonly Step[] {
  if (typeof value === 'string' && value.trim() !== '') return stepsOf(value)
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_STEPS) throw new Wrong(`must be ${SAYS}`)
  const found = value.map(readStep)
  const names = found.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Wrong(`has two steps named "${twice}"`)
  for (const [at, step] of found.entries()) {
    const unknown = step.needs?.find((need) => !names.slice(0, at).includes(need))
    if (unknown !== undefined) throw new Wrong(`has a step "${step.name}" that needs "${unknown}", which is no step before it`)
  }
  if (names.indexOf('setup') > 0) throw new Wrong('has a step "setup" that is not the first: it prepares the tree for the others')
  if (found[0]?.name === 'setup' && found.length === 1) throw new Wrong('has no step besides "setup", so nothing would be checked')
  if (found[0]?.name === 'setup' && found[0].report !== undefined) throw new Wrong('has a report for "setup", which runs no tests')
  return found
}

function readStep(value: unknown): Step {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Wrong('has a step without a name: write `- test: npm test`')
  const { timeout, report, needs, ...rest } = value as Record<string, unknown>
  const [named, another] = Object.entries(rest)
  if (named === undefined) throw new Wrong('has a step without a name: write `- test: npm test`')
  if (another !== undefined) throw new Wrong(`has a step with two names, "${named[0]}" and "${another[0]}": begin each with a dash`)
  const [name, run] = named
  // It names log files.
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(name))
    throw new Wrong(`has a step named ${JSON.stringify(name)}: a name is up to 40 letters, digits, dashes and underscores`)
  if (typeof run !== 'string' || run.trim() === '') throw new Wrong(`has no command for the step "${name}"`)
  return { name, run, ...timeoutOf(name, timeout), ...reportOf(name, report), ...needsOf(name, needs) }
}

function needsOf(name: string, value: unknown): Pick<Step, 'needs'> {
  if (value === undefined || value === null) return {}
  if (!Array.isArray(value) || value.some((need) => typeof need !== 'string'))
    throw new Wrong(`has a step "${name}" whose needs must be a list of names of steps`)
  return { needs: value as readonly string[] }
}

function timeoutOf(name: string, value: unknown): Pick<Step, 'timeoutMs'> {
  if (value === undefined || value === null) return {}
  const reading = duration().read(value)
  if (reading.kind === 'wrong') throw new Wrong(`has a step "${name}" whose timeout ${reading.message}`)
  return { timeoutMs: reading.value }
}

function reportOf(name: string, value: unknown): Pick<Step, 'report'> {
  if (value === undefined || value === null) return {}
  const known = REPORTS.find((choice) => choice === value)
  if (known !== undefined) return { report: known }
  const junit = typeof value === 'object' && Object.keys(value).join() === 'junit' ? (value as { junit: unknown }).junit : undefined
  if (typeof junit !== 'string' || junit === '')
    throw new Wrong(`has a step "${name}" whose report must be one of ${REPORTS.join(', ')}, or {junit: path}`)
  if (junit.startsWith('/') || junit.split('/').includes('..'))
    throw new Wrong(`has a step "${name}" whose report is outside of the repository`)
  return { report: { junit } }
}

/** A command may begin with `[`, as the shell's test does: only a JSON list is a list. */
function fromText(written: string): unknown {
  try {
    const value: unknown = written.trimStart().startsWith('[') ? JSON.parse(written) : written
    return Array.isArray(value) ? value : written
  } catch {
    return written
  }
}

function write(value: readonly Step[]): unknown {
  const [only, another] = value
  if (
    another === undefined &&
    only?.name === 'validate' &&
    only.timeoutMs === undefined &&
    only.report === undefined &&
    only.needs === undefined
  )
    return only.run
  return value.map(({ name, run, timeoutMs, report, needs }) => ({
    [name]: run,
    ...(timeoutMs !== undefined && { timeout: duration().write(timeoutMs) }),
    ...(report !== undefined && { report: report satisfies ReportChoice }),
    ...(needs !== undefined && { needs }),
  }))
}

function listSchema(): Record<string, unknown> {
  const junit = { type: 'object', properties: { junit: { type: 'string' } }, required: ['junit'], additionalProperties: false }
  const properties = {
    timeout: duration().jsonSchema,
    report: { anyOf: [{ enum: REPORTS }, junit] },
    needs: { type: 'array', items: { type: 'string' } },
  }
  const item = { type: 'object', properties, minProperties: 1, maxProperties: 4, additionalProperties: { type: 'string', minLength: 1 } }
  return { type: 'array', minItems: 1, maxItems: MOST_STEPS, items: item }
}
