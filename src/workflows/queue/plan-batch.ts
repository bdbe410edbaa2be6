import type { Sha } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import { invariant } from '../../foundation/invariant.ts'
import { entryName, entryTrailer } from '../../domain/queue/entry-trailer.ts'
import type { EntryOutcome, QueueEntry } from '../../domain/queue/entry.ts'
import type { Repository } from '../../ports/git.ts'
import type { Services } from '../services.ts'
import type { BatchInput } from './batch-input.ts'
import type { Offer } from './offer.ts'

export type BatchPlan = {
  readonly at: number
  readonly target: Sha
  /** What is known before anything is tested. */
  readonly settled: readonly { readonly entry: string; readonly outcome: EntryOutcome }[]
  /** Ids of entries that conflict with each other. */
  readonly pairs: readonly (readonly [string, string])[]
  /** See `QueueEntry.rivals`, by entry. */
  readonly rivals: Readonly<Record<string, number>>
  /** Lines added and removed, by entry. */
  readonly size: Readonly<Record<string, number>>
}

type Tip = Awaited<ReturnType<Repository['targetTip']>>

/** Looks at everything and builds nothing: who is gone, who has landed, who conflicts with whom. */
export async function planBatch(services: Services, { repository: path, target, offers }: BatchInput): Promise<BatchPlan> {
  const repository = await services.repository(path)
  if (offers.some(({ settings }) => settings.hooks === 'refuse')) await refuseHooks(repository)
  const standing = await repository.targetTip(target)
  const { commit: tip, isWaiting } = standing
  if (isWaiting) services.audit.expect(tip)
  const entries = offers.map((offer) => offer.entry)
  const first = await Promise.all(
    offers.map(async (offer) => ({ entry: offer.entry, outcome: await firstLook(repository, standing, offer) })),
  )
  const open = first.filter(({ outcome }) => outcome === undefined).map(({ entry }) => entry)
  const conflicts = await repository.conflictsAmong(tip, [...new Set(open.map((entry) => entry.head))])
  const withTarget = new Map(conflicts.withTarget.map(({ head, files }) => [head, files]))
  const settled: BatchPlan['settled'][number][] = first.flatMap(({ entry, outcome }) =>
    outcome === undefined ? [] : [{ entry: entry.id, outcome }],
  )
  for (const entry of open) {
    const files = withTarget.get(entry.head) ?? (conflicts.unrelated.includes(entry.head) ? [] : undefined)
    if (files === undefined) continue
    settled.push({ entry: entry.id, outcome: await conflictOutcome(repository, tip, entry, files) })
  }
  const left = open.filter((entry) => !settled.some(({ entry: id }) => id === entry.id))
  return {
    at: services.now(),
    target: tip,
    settled,
    pairs: pairsOf(left, conflicts.pairs),
    rivals: Object.fromEntries(
      left.map((entry) => [
        entry.id,
        services.overlaps.rivalsOf(
          entry.name,
          entries.map(({ name }) => name),
        ),
      ]),
    ),
    size: Object.fromEntries(await Promise.all(left.map(async (entry) => [entry.id, await sizeOf(repository, tip, entry.head)] as const))),
  }
}

/** Hooks are programs that sessions can write, so they are never run; whoever relies on them can have landings refused. */
async function refuseHooks(repository: Repository): Promise<void> {
  const hooks = (await repository.landingObstacles()).filter(({ kind }) => kind === 'hook')
  if (hooks.length === 0) return
  throw new Failure('hooks-in-the-way', `a landing would pass by ${hooks.map(({ what }) => what).join(', ')}, and hooks: refuse is set`, {
    safe: 'nothing was built',
    next: 'orch config set hooks pass-by, or take the hook away',
  })
}

async function firstLook(repository: Repository, tip: Tip, { entry, target, allowDirty }: Offer): Promise<EntryOutcome | undefined> {
  const found = await repository.resolve(`refs/heads/${entry.branch}`)
  if (found !== entry.head) return { kind: 'void', ...(found !== undefined && { found }) }
  const isLandedAt = (commit: Sha): Promise<boolean> => repository.isLanded(entry.head, commit, entryTrailer(entry))
  if (!(await isLandedAt(tip.commit))) return undefined
  const current = tip.isWaiting ? await repository.resolve(`refs/heads/${target}`) : tip.commit
  if (current !== undefined && (await isLandedAt(current))) return { kind: 'landed', commit: current }
  // Tested by an earlier batch, and the checkout is in the way still.
  const outcome = await repository.landWaiting(target, allowDirty)
  if (outcome?.kind === 'waiting') return { ...outcome, kind: 'held', commit: tip.commit }
  return outcome?.kind === 'landed' ? outcome : { kind: 'requeued', reason: `what waited for a clean checkout of ${target} is overtaken` }
}

async function conflictOutcome(repository: Repository, tip: Sha, entry: QueueEntry, files: readonly string[]): Promise<EntryOutcome> {
  const hunks = await repository.conflictHunks(tip, entry.head, files)
  const rival = await rivalOf(repository, tip, entry, files)
  return { kind: 'sent-back', breakage: { kind: 'conflicts', base: tip, files, hunks, ...(rival !== undefined && { with: rival }) } }
}

/** The newest landing since the branch began that changed one of the files. */
async function rivalOf(repository: Repository, tip: Sha, entry: QueueEntry, files: readonly string[]): Promise<string | undefined> {
  const base = await repository.mergeBase(tip, entry.head)
  if (base === undefined) return undefined
  for (const landing of await repository.lastLandings(tip, 20)) {
    for (const landed of landing.entries) {
      if (entryName(landed.name) === entry.name || (await repository.isAncestor(landed.commit, base))) continue
      const { files: changed } = await repository.changes(landed.before, landed.commit)
      if (changed.some((change) => files.includes(change.path))) return entryName(landed.name)
    }
  }
  return undefined
}

function pairsOf(entries: readonly QueueEntry[], pairs: readonly { readonly a: Sha; readonly b: Sha }[]): [string, string][] {
  const byHead = new Map<Sha, string[]>()
  for (const { head, id } of entries) byHead.set(head, [...(byHead.get(head) ?? []), id])
  return pairs.flatMap(({ a, b }) =>
    (byHead.get(a) ?? []).flatMap((one) => (byHead.get(b) ?? []).map((other): [string, string] => [one, other])),
  )
}

async function sizeOf(repository: Repository, tip: Sha, head: Sha): Promise<number> {
  const base = await repository.mergeBase(tip, head)
  invariant(base !== undefined, 'unrelated branches were told before')
  return (await repository.changes(base, head)).files.reduce((sum, change) => sum + change.added + change.removed, 0)
}
