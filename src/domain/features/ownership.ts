import { plainLine } from '../../foundation/text.ts'
import { ownsPath } from '../backlog/ownership.ts'
import type { Contract, Ownership } from './department.ts'

/** What one task may change. Paths are relative to the repository, with slashes. */
export type Bounds = {
  readonly mode: Ownership
  /** Globs that it claims. Empty: it claims nothing, and may change what nobody else has. */
  readonly owns: readonly string[]
  /** Its department, where it has one. */
  readonly department?: string
  readonly others: readonly Owner[]
  readonly contracts: readonly Contract[]
}

export type Owner = { readonly name: string; readonly owns: readonly string[] }

/** A path outside of a task's bounds. */
export type Trespass = {
  readonly path: string
  /** The department to ask; without one it is the person. */
  readonly owner?: string
  readonly isContract: boolean
}

/**
 * Whether this task may not edit this path. A contract is its owner's alone, whatever globs say. A task with `owns` may edit what they cover and
 * nothing else; one without may edit what no other department owns. What orch itself gave to a session is free.
 */
export function findTrespass(bounds: Bounds, path: string): Trespass | undefined {
  if (isOrchs(path)) return undefined
  const contract = bounds.contracts.find(({ files }) => ownsPath(files, path))
  if (contract !== undefined) return contract.owner === bounds.department ? undefined : { path, owner: contract.owner, isContract: true }
  if (bounds.owns.length > 0 && ownsPath(bounds.owns, path)) return undefined
  const owner = bounds.others.find(({ owns }) => owns.length > 0 && ownsPath(owns, path))?.name
  if (owner === undefined && bounds.owns.length === 0) return undefined
  return { path, ...(owner !== undefined && { owner }), isContract: false }
}

/** Whether there is anything that a task could trespass on. */
export function hasLimits({ owns, others, contracts, department }: Bounds): boolean {
  return owns.length > 0 || others.some((other) => other.owns.length > 0) || contracts.some(({ owner }) => owner !== department)
}

/** TASK.md and its like: in every worktree, and nobody's. */
function isOrchs(path: string): boolean {
  return path === 'TASK.md' || path === 'AGENT_NOTES.md' || path.startsWith('.orch/') || path.startsWith('.planning/brain/')
}

/** For the agent whose edit was stopped: whose it is, and what to type. */
export function refusalWords(bounds: Bounds, trespass: Trespass): string {
  return `Not edited: ${whose(bounds, trespass)} ${whatToType(trespass)} Go on with what is yours meanwhile.`
}

/** For the agent whose edit was let through. */
export function remarkWords(bounds: Bounds, trespass: Trespass): string {
  const { owner } = trespass
  const next = owner === undefined ? 'Change it only if your task needs it.' : `Tell them: orch tell ${owner} "…"`
  return `${whose(bounds, trespass)} ${next}`
}

/** For the agent whose commit holds what is not its task's. `base`: the commit it began with. */
export function trespassPrompt(task: string, base: string, bounds: Bounds, trespasses: readonly Trespass[]): string {
  return [
    `[orch task ${task}] Your work was sent back: it changes files that are not yours.`,
    ...trespasses.slice(0, MOST_LISTED).map((trespass) => `- ${whose(bounds, trespass)} ${whatToType(trespass)}`),
    ...(trespasses.length > MOST_LISTED ? [`- and ${trespasses.length - MOST_LISTED} more`] : []),
    `Take these changes back (\`git checkout ${base.slice(0, 10)} -- <path>\`, or \`git rm\` what is new), commit, then run \`orch done\`.`,
  ].join('\n')
}

/** One line. */
export function trespassSummary(trespasses: readonly Trespass[]): string {
  const [first, ...more] = trespasses.map(({ path, owner }) => `${plainLine(path)}${owner === undefined ? '' : ` (of ${owner})`}`)
  const rest = more.length > SHORT ? [...more.slice(0, SHORT), `${more.length - SHORT} more`] : more
  return `it changes what is not its own: ${[first, ...rest].join(', ')}`
}

const MOST_LISTED = 20
const SHORT = 3

/** For the person who is asked whether it may be edited, and for notes. */
export function whose({ owns, department }: Bounds, { path, owner, isContract }: Trespass): string {
  const mine = owns.length === 0 ? '' : ` (${department ?? 'this task'} owns ${plainLine(owns.join(', '), 120)})`
  if (isContract) return `${plainLine(path)} is a contract that only ${owner ?? 'its owner'} changes.`
  return owner === undefined
    ? `${plainLine(path)} is outside of what this task owns${mine}.`
    : `${plainLine(path)} belongs to ${owner}${mine}.`
}

function whatToType({ owner }: Trespass): string {
  return owner === undefined
    ? 'If it must change, ask the person: orch ask human "…".'
    : `If it must change, say what you need: orch need ${owner} "…", or ask: orch ask ${owner} "…".`
}
