import type { Sha } from '../../../foundation/brand.ts'
import { failureCode } from '../../../foundation/failure.ts'
import { unrelatedNext } from '../../../domain/queue/breakage-words.ts'
import type { MergeEntry } from '../../../domain/merging/merge-entry.ts'
import type { TaskRecord } from '../../services/task-record.ts'
import type { RequestParts } from '../parts.ts'
import type { Place } from '../task-inputs.ts'

/** What `orch merge --dry-run` says of a task. Nothing is touched. */
export async function forecastTask(parts: RequestParts, place: Place, { input }: TaskRecord): Promise<MergeEntry> {
  const entry = { handle: input.handle, branch: input.branch }
  const status = parts.roster.status(input.handle)
  const ready = status?.feature?.parts.flatMap(({ commit }) => commit ?? []) ?? []
  if (status?.feature !== undefined && input.feature?.phases.integration !== true) return forecastAll(place, input, entry, ready)
  const nothing = { ...entry, outcome: 'refused', code: 'nothing-to-merge' } as const
  if (status?.worktree === undefined) return { ...nothing, reason: 'it has no worktree yet', next: `orch resume ${input.handle}` }
  const state = await place.repository.inspectWorktree(input.worktree)
  if (state.uncommitted.length > 0) {
    return {
      ...entry,
      outcome: 'refused',
      code: 'dirty-worktree',
      reason: `uncommitted work: ${state.uncommitted.slice(0, 5).join(', ')}`,
      files: state.uncommitted,
      next: `commit it in ${input.worktree}`,
    }
  }
  if (state.head === status.base)
    return { ...nothing, reason: 'there is no commit on the branch yet', next: `orch send ${input.handle} "commit your work"` }
  return forecast(place, input.target, { ...entry, head: state.head }, `orch send ${input.handle} "merge ${input.target} and resolve"`)
}

/** A feature whose parts land as they are: the first that would not, if one would not. */
async function forecastAll(
  place: Place,
  { target, handle }: TaskRecord['input'],
  entry: { handle: string; branch: string },
  heads: readonly string[],
): Promise<MergeEntry> {
  const onConflict = `orch send ${handle} "merge ${target} and resolve"`
  const all = await Promise.all(heads.map((head) => forecast(place, target, { ...entry, head: head as Sha }, onConflict)))
  const first = all.find(({ outcome }) => outcome !== 'would-land') ?? all[0]
  return first ?? { ...entry, outcome: 'refused', code: 'nothing-to-merge', reason: 'no department is ready', next: `orch wait ${handle}` }
}

export function forecastBranch(place: Place, branch: string, head: Sha): Promise<MergeEntry> {
  return forecast(place, place.target, { handle: branch, branch, head }, `merge ${place.target} into ${branch} and resolve`)
}

async function forecast(
  place: Place,
  target: string,
  entry: { handle: string; branch: string; head: Sha },
  onConflict: string,
): Promise<MergeEntry> {
  const tip = await place.repository.targetTip(target)
  const found = await place.repository.forecastMerge(tip.commit, entry.head).catch((error: unknown) => {
    if (failureCode(error) === 'unrelated-histories') return 'unrelated' as const
    throw error
  })
  if (found === 'unrelated')
    return {
      ...entry,
      outcome: 'refused',
      code: 'unrelated-histories',
      reason: `shares no history with ${target}`,
      next: unrelatedNext(target, entry.branch),
    }
  if (found.kind === 'already-merged') return { ...entry, outcome: 'already-landed' }
  if (found.kind === 'clean') return { ...entry, outcome: 'would-land' }
  return { ...entry, outcome: 'refused', code: 'conflicts', reason: `conflicts with ${target}`, files: found.files, next: onConflict }
}
