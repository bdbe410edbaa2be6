import type { Sha } from '../../../foundation/brand.ts'
import { Failure, failureCode } from '../../../foundation/failure.ts'
import { compileGlobs, matchesPath } from '../../../foundation/glob.ts'
import { plainLine } from '../../../foundation/text.ts'
import { nearest } from '../../../foundation/suggestion.ts'
import type { MergeRequest } from '../../../protocol/requests.ts'
import { taskAbove } from '../../../protocol/task-status.ts'
import type { TaskRecord } from '../../services/task-record.ts'
import { findTask } from '../find-task.ts'
import type { RequestParts } from '../parts.ts'
import type { Place } from '../task-inputs.ts'

/** What a person means by a name: a task, or a local branch that is no task's. */
export type Chosen =
  /** `attempt`: of the several that it has, this one, not the proposed one. */
  | { readonly kind: 'task'; readonly record: TaskRecord; readonly attempt?: number }
  | { readonly kind: 'branch'; readonly branch: string; readonly head: Sha }

/** In the order in which they were named, each once. Failures: `unknown-task`, `ambiguous-task`, `target-itself`. */
export async function choose(
  parts: RequestParts,
  request: Pick<MergeRequest, 'cwd' | 'names' | 'isAll' | 'attempt'>,
  place: Place,
): Promise<Chosen[]> {
  if (request.isAll === true) return readyTasks(parts, place).map((record) => ({ kind: 'task', record }))
  if (request.names.length === 0) return [taken(parts, { kind: 'task', record: await findTask(parts, { cwd: request.cwd }) }, request)]
  const branches = await localBranches(place)
  const chosen = new Map<string, Chosen>()
  for (const name of request.names) {
    for (const found of await named(parts, request.cwd, place, branches, name)) {
      const one = taken(parts, found, request)
      if (one.kind === 'task' && one.attempt !== undefined && chosen.has(keyOf(one)))
        throw new Failure('several-attempts', `${keyOf(one)} lands one of its attempts`, {
          safe: 'nothing was merged',
          next: `orch attempts ${keyOf(one)} shows them; name one`,
        })
      chosen.set(keyOf(one), one)
    }
  }
  return [...chosen.values()]
}

export function keyOf(chosen: Chosen): string {
  return chosen.kind === 'task' ? chosen.record.input.handle : chosen.branch
}

/** To merge one of a task's attempts is to take it: it is the task that lands. Failure `no-attempts`. */
function taken({ roster }: RequestParts, chosen: Chosen, { attempt }: Pick<MergeRequest, 'attempt'>): Chosen {
  if (chosen.kind === 'branch') return chosen
  const { attemptOf, contest, handle, part } = chosen.record.input
  if (part !== undefined)
    throw new Failure('part-of-feature', `${handle} lands with its feature, as all its parts or none`, {
      safe: 'nothing was merged',
      next: `orch merge ${part.feature}`,
    })
  const task = attemptOf && roster.record(attemptOf.task)
  if (attemptOf !== undefined && task !== undefined) return { kind: 'task', record: task, attempt: attempt ?? attemptOf.number }
  if (attempt === undefined) return chosen
  if (contest !== undefined) return { ...chosen, attempt }
  throw new Failure('no-attempts', `${handle} has one session only`, { safe: 'nothing was merged', next: `orch merge ${handle}` })
}

/** Everything of the project that waits in Review. */
function readyTasks(parts: RequestParts, place: Place): TaskRecord[] {
  return parts.roster
    .statuses()
    .filter(
      (status) =>
        status.project === place.project && taskAbove(status) === undefined && READY.has(parts.roster.stage(status.handle)?.kind ?? ''),
    )
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .flatMap(({ handle }) => parts.roster.record(handle) ?? [])
}

const READY = new Set(['in-review', 'landing-held'])

async function localBranches(place: Place): Promise<Map<string, Sha>> {
  const refs = Object.entries(await place.repository.snapshotRefs())
  return new Map(refs.flatMap(([ref, head]) => (ref.startsWith('refs/heads/') ? [[ref.slice('refs/heads/'.length), head] as const] : [])))
}

async function named(parts: RequestParts, cwd: string, place: Place, branches: ReadonlyMap<string, Sha>, name: string): Promise<Chosen[]> {
  if (/[*?[{]/.test(name)) return matching(parts, place, branches, name)
  const head = branches.get(name)
  if (head !== undefined) return [ofBranch(parts, place, name, head)]
  try {
    return [{ kind: 'task', record: await findTask(parts, { cwd, name }) }]
  } catch (error) {
    if (failureCode(error) !== 'unknown-task') throw error
    const guess = nearest(name, [...branches.keys(), ...parts.roster.statuses().map(({ task }) => task)])
    throw new Failure('unknown-task', `${plainLine(name)} is no task and no local branch`, {
      next: guess === undefined ? 'orch list   or   git branch' : `did you mean ${plainLine(guess)}?`,
    })
  }
}

/** Branches by their name; tasks by that of their branch, as long as there is something to land. */
function matching(parts: RequestParts, place: Place, branches: ReadonlyMap<string, Sha>, glob: string): Chosen[] {
  const automaton = compileGlobs([glob])
  const found = [...branches]
    .filter(([branch]) => branch !== place.target && matchesPath(automaton, branch))
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([branch, head]) => ofBranch(parts, place, branch, head))
    .filter((chosen) => chosen.kind === 'branch' || !OVER.has(parts.roster.stage(chosen.record.input.handle)?.kind ?? ''))
  if (found.length > 0) return found
  throw new Failure('unknown-task', `no local branch matches ${plainLine(glob)}`, { next: 'git branch' })
}

const OVER = new Set(['merged', 'archived'])

function ofBranch(parts: RequestParts, place: Place, branch: string, head: Sha): Chosen {
  if (branch === place.target)
    throw new Failure('target-itself', `${branch} is the branch that work lands on`, { next: 'name other branches' })
  const task = parts.roster
    .records()
    .find(
      ({ input }) =>
        input.repository === place.repository.root && input.branch === branch && parts.roster.stage(input.handle)?.kind !== 'archived',
    )
  return task === undefined ? { kind: 'branch', branch, head } : { kind: 'task', record: task }
}
