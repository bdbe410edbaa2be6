import type { Sha } from '../../../foundation/brand.ts'
import type { MergeEntry } from '../../../domain/merging/merge-entry.ts'
import { entryName, entryTrailer } from '../../../domain/queue/entry-trailer.ts'
import type { Repository } from '../../../ports/git.ts'
import type { LandedEntry, PastLanding } from '../../../ports/git-landings.ts'
import type { Place } from '../task-inputs.ts'

/** What has landed lately on the target. */
export interface Landed {
  readonly repository: Repository
  readonly tip: Sha
  /** Newest first. */
  readonly landings: readonly PastLanding[]
}

/** How far back on the target a landing is looked for. */
const LOOK_BACK = 200

export async function readLanded({ repository, target }: Place): Promise<Landed> {
  const { commit: tip } = await repository.targetTip(target)
  return { repository, tip, landings: await repository.lastLandings(tip, LOOK_BACK) }
}

/** A branch that the target holds already: nothing to land, also where it was taken back since, which git does not see. */
export async function branchLandedBefore(landed: Landed, branch: string, head: Sha): Promise<MergeEntry | undefined> {
  const known = { handle: branch, branch, head }
  const trailer = entryTrailer({ name: branch, head })
  const takenBack = takenBackEntry(landed, known, (one) => one.entry === trailer)
  if (takenBack !== undefined) return takenBack
  return (await landed.repository.isLanded(head, landed.tip, trailer)) ? { ...known, outcome: 'already-landed' } : undefined
}

/** Merging it again would change nothing. */
export function takenBackEntry<T extends { readonly handle: string; readonly branch: string }>(
  { landings }: Landed,
  known: T,
  isIt: (landed: LandedEntry) => boolean,
): (T & MergeEntry) | undefined {
  const own = landings.flatMap(({ entries }) => entries.toReversed()).find(isIt)
  const undoing = own && takenBackBy(landings, own)
  if (undoing === undefined) return undefined
  const reason = `it landed as ${own?.commit.slice(0, 10)} and was taken back by ${undoing.commit.slice(0, 10)}; taking that back brings it again`
  return { ...known, outcome: 'refused', code: 'taken-back', reason, next: `orch undo ${entryName(undoing.name)}` }
}

const PREFIX = 'orch-undo/'

/** Names the branch of the commit that takes back what came between the two; `isWhole`: a landing of several entries. */
export function undoBranch({ from, to }: { readonly from: Sha; readonly to: Sha }, isWhole = false): string {
  return `${PREFIX}${isWhole ? `${from.slice(0, 10)}-` : ''}${to.slice(0, 10)}`
}

export function isUndoBranch(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** The landing that took this one back, unless it was taken back itself. `landings`: newest first. */
function takenBackBy(landings: readonly PastLanding[], landed: LandedEntry): LandedEntry | undefined {
  const at = landings.findIndex(({ entries }) => entries.some(({ commit }) => commit === landed.commit))
  const own = landings[at]
  if (own === undefined) return undefined
  const branches = new Set([undoBranch({ from: landed.before, to: landed.commit }), undoBranch({ from: own.before, to: own.after }, true)])
  const newer = landings.slice(0, at).flatMap(({ entries }) => entries.toReversed())
  const undoing = newer.find(({ name }) => branches.has(entryName(name)))
  return undoing === undefined || takenBackBy(landings, undoing) !== undefined ? undefined : undoing
}
