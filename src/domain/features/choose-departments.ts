import { isDepartmentName } from '../../foundation/brand.ts'
import { nearest } from '../../foundation/suggestion.ts'
import { sharedPath } from '../backlog/ownership.ts'
import { BUILT_IN_DEPARTMENTS, builtInDepartment, REVIEWER_PROMPT } from './built-in-departments.ts'
import { phaseOf, type Department, type Phase, type Phases } from './department.ts'

export interface Wanted {
  /** As the person named them; empty: those of the configuration. */
  readonly named: readonly string[]
  readonly configured: readonly Department[]
  /** `feature.departments`. */
  readonly usual: readonly string[]
  readonly phases: Phases
}

export type Chosen =
  | { readonly kind: 'chosen'; readonly departments: readonly Department[]; readonly phases: Phases }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string; readonly next: string }

const MOST_DEPARTMENTS = 50

/** The departments of a feature, those of the first phase first; with the integration where several work side by side. */
export function chooseDepartments({ named, configured, usual, phases }: Wanted): Chosen {
  const names = [...new Set(named.length > 0 ? named : usual.length > 0 ? usual : configured.map(({ name }) => name).filter(isSide))]
  if (names.length === 0)
    return refused('no-departments', 'no department is named and none is configured', 'orch feature "…" -d backend,frontend')
  if (names.length > MOST_DEPARTMENTS) return refused('too-many-departments', `more than ${MOST_DEPARTMENTS} departments`, 'name fewer')
  const found = names.map((name) => ({ name, department: configured.find((one) => one.name === name) ?? builtInDepartment(name) }))
  const unknown = found.find(({ department }) => department === undefined)
  if (unknown !== undefined) return unknownDepartment(unknown.name, configured)
  const chosen = found.flatMap(({ department }) => department ?? [])
  const sides = chosen.filter(({ name }) => isSide(name))
  if (sides.length === 0 && !names.includes('foundation'))
    return refused('no-departments', 'integration alone builds nothing', 'name the departments that do')
  const isIntegrated = names.includes('integration') || (phases.integration && sides.length > 1)
  const integration = configured.find(({ name }) => name === 'integration') ?? builtInDepartment('integration')
  const all = [...chosen.filter(({ name }) => name !== 'integration'), ...(isIntegrated && integration !== undefined ? [integration] : [])]
  const settled = {
    ...phases,
    foundation: phases.foundation && names.includes('foundation') && sides.length > 0,
    integration: isIntegrated,
  }
  const overlap = findOverlap(all, settled)
  if (overlap !== undefined) return overlap
  return { kind: 'chosen', phases: settled, departments: all.toSorted((a, b) => orderOf(a, settled) - orderOf(b, settled)) }
}

/** As this feature has it: a foundation that is switched off works beside the others. */
export function phaseIn({ name }: Pick<Department, 'name'>, phases: Phases): Phase {
  const phase = phaseOf(name)
  return phase === 'foundation' && !phases.foundation ? 'departments' : phase
}

/** Who reviews its checkpoints by configuration; who owns what they touch comes to it. */
export function reviewersOf({ name, owns }: Department, departments: readonly Department[]): readonly string[] {
  return departments
    .filter((other) => other.name !== name && other.reviews.some((review) => review === name || (isGlob(review) && mayMeet(owns, review))))
    .map((other) => other.name)
}

/** `Add payments with departments: backend, frontend`: the text without that, and the names. */
export function departmentsInText(text: string): { readonly text: string; readonly names: readonly string[] } {
  const found =
    /(?:^|\s)\(?with departments?:\s*([a-z][a-z0-9-]*(?:\s*(?:,\s*and|,|&|\band)\s+?[a-z][a-z0-9-]*|\s*,\s*[a-z][a-z0-9-]*)*)\)?\.?[ \t]*(?=\n|$)/i.exec(
      text,
    )
  if (found?.[1] === undefined) return { text, names: [] }
  const names = found[1].toLowerCase().split(/\s*(?:,\s*and|,|&|\band)\s+|\s*,\s*/)
  return { text: `${text.slice(0, found.index)}${text.slice(found.index + found[0].length)}`.trim(), names: names.filter(isDepartmentName) }
}

function isSide(name: string): boolean {
  return phaseOf(name) === 'departments' && name !== REVIEWER_PROMPT
}

function orderOf(department: Department, phases: Phases): number {
  return ['foundation', 'departments', 'integration'].indexOf(phaseIn(department, phases))
}

function isGlob(review: string): boolean {
  return /[*?[{/.]/.test(review)
}

/** Who claims nothing may change anything. */
function mayMeet(owns: readonly string[], glob: string): boolean {
  return owns.length === 0 || sharedPath(owns, [glob]) !== undefined
}

/** Of those that work side by side. */
function findOverlap(departments: readonly Department[], phases: Phases): Chosen | undefined {
  const claiming = departments.filter((one) => phaseIn(one, phases) === 'departments' && one.owns.length > 0)
  for (const [at, one] of claiming.entries())
    for (const other of claiming.slice(at + 1)) {
      const path = sharedPath(one.owns, other.owns)
      if (path === undefined) continue
      const example = path === '' ? '' : ` (for example ${path})`
      return refused(
        'overlap',
        `"${one.name}" and "${other.name}" own the same files${example}`,
        'part their `owns` in orch.yaml; what both build on is a contract with one owner',
      )
    }
  return undefined
}

function unknownDepartment(name: string, configured: readonly Department[]): Chosen {
  const known = [...new Set([...configured.map((one) => one.name), ...BUILT_IN_DEPARTMENTS])]
  const meant = nearest(name, known)
  return refused(
    'unknown-department',
    `there is no department "${name}"`,
    meant === undefined ? `add it under \`departments:\` in orch.yaml; there are ${known.join(', ')}` : `did you mean ${meant}?`,
  )
}

function refused(code: string, reason: string, next: string): Chosen {
  return { kind: 'refused', code, reason, next }
}
