import { Failure } from '../../foundation/failure.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { MergeRequest } from '../../protocol/requests.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import { NEWS } from '../../workflows/news.ts'
import type { TaskRecord } from '../services/task-record.ts'
import { findTask } from './find-task.ts'
import { openPlace } from './open-place.ts'
import type { RequestParts } from './parts.ts'
import type { Place } from './task-inputs.ts'

/** Stages in which a person may ask for the merge; in all others the session or orch itself is at it. */
const MERGEABLE = new Set(['in-review', 'manual', 'unfinished', 'blocked', 'paused', 'failed', 'landing-held'])

/** `orch merge`: names what would conflict, then asks each task's run to land; their reports come by `GET /v1/merge/<id>`. */
export async function mergeTasks(parts: RequestParts, request: MergeRequest): Promise<MergeResponse> {
  const place = await openPlace(parts, request.cwd)
  const records = await chosen(parts, request, place)
  const id = parts.newId()
  const entries: MergeEntry[] = []
  for (const record of records) entries.push(await firstEntry(parts, place, record, request.isDryRun ?? false))
  const overlaps = await findOverlaps(parts, place, records)
  if (request.isDryRun) return { id, isDone: true, entries, overlaps, isDryRun: true }
  parts.merges.begin(id, entries, overlaps)
  for (const [index, record] of records.entries()) {
    if (entries[index]?.outcome !== 'running') continue
    const news = { kind: 'merge', merge: id, ...(request.validate !== undefined && { validate: request.validate }) } as const
    await parts.engine.send(record.runId, NEWS, news, `merge ${id}`)
  }
  return parts.merges.get(id) ?? { id, isDone: true, entries, overlaps, isDryRun: false }
}

async function chosen(parts: RequestParts, request: MergeRequest, place: Place): Promise<TaskRecord[]> {
  if (!request.isAll && request.names.length === 0) return [await findTask(parts, { cwd: request.cwd })]
  if (!request.isAll) return Promise.all(request.names.map((name) => findTask(parts, { cwd: request.cwd, name })))
  const ready = parts.roster.statuses().filter((status) => {
    const stage = parts.roster.stage(status.handle)?.kind
    return status.project === place.project && (stage === 'in-review' || stage === 'landing-held')
  })
  return ready
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .map((status) => parts.roster.record(status.handle))
    .filter((record) => record !== undefined)
}

async function firstEntry(parts: RequestParts, place: Place, { input, runId }: TaskRecord, isDryRun: boolean): Promise<MergeEntry> {
  const entry = { handle: input.handle, branch: input.branch }
  const stage = parts.roster.stage(input.handle)
  if (stage?.kind === 'merged') return { ...entry, outcome: 'already-landed' }
  if (stage === undefined || !MERGEABLE.has(stage.kind)) {
    const status = parts.roster.status(input.handle)
    return {
      ...entry,
      outcome: 'refused',
      code: 'still-working',
      reason: status?.reason ?? 'it is still being worked on',
      next: `orch wait ${input.handle}`,
    }
  }
  if (parts.engine.get(runId)?.endedAt !== undefined) {
    return {
      ...entry,
      outcome: 'refused',
      code: 'run-ended',
      reason: parts.roster.status(input.handle)?.reason ?? 'its run has ended',
      next: `orch resume ${input.handle}`,
    }
  }
  if (!isDryRun) return { ...entry, outcome: 'running', step: 'waiting' }
  const status = parts.roster.status(input.handle)
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
  const tip = await place.repository.targetTip(input.target)
  const forecast = await place.repository.forecastMerge(tip.commit, state.head)
  if (forecast.kind === 'already-merged') return { ...entry, head: state.head, outcome: 'already-landed' }
  if (forecast.kind === 'clean') return { ...entry, head: state.head, outcome: 'would-land' }
  return {
    ...entry,
    head: state.head,
    outcome: 'refused',
    code: 'conflicts',
    reason: `conflicts with ${input.target}`,
    files: forecast.files,
    next: `orch send ${input.handle} "merge ${input.target} and resolve"`,
  }
}

/** What landing these would mean for the worktrees that go on. Nothing is touched. */
async function findOverlaps(parts: RequestParts, place: Place, records: readonly TaskRecord[]): Promise<MergeResponse['overlaps']> {
  const heads = new Map<string, NonNullable<Awaited<ReturnType<Place['repository']['resolve']>>>>()
  for (const status of parts.roster.statuses()) {
    if (status.repository !== place.repository.root || status.status === 'Merged' || status.status === 'Archived') continue
    const head = await place.repository.resolve(`refs/heads/${status.branch}`)
    if (head !== undefined) heads.set(status.branch, head)
  }
  const overlaps: MergeResponse['overlaps'][number][] = []
  for (const { input } of records) {
    const head = heads.get(input.branch)
    if (head === undefined) continue
    const others = [...heads].filter(([branch]) => branch !== input.branch).map(([branch, other]) => ({ branch, head: other }))
    for (const found of await place.repository.conflictsWith(head, others))
      overlaps.push({ branch: input.branch, other: found.branch, files: found.files })
  }
  return overlaps
}

/** Waits until all are done or a while has passed, so that a client asks again and a dead client is forgotten. */
export async function awaitMerge(parts: RequestParts, id: string, deadlineMs: number): Promise<MergeResponse> {
  const deadline = new AbortController()
  const late = parts.clock.wait(deadlineMs, deadline.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  for (;;) {
    const merge = parts.merges.get(id)
    if (merge === undefined) {
      throw new Failure('unknown-merge', 'the daemon was restarted and no longer knows this question', {
        safe: 'the merge itself goes on',
        next: 'orch list',
      })
    }
    if (merge.isDone || (await Promise.race([parts.merges.changed(), late])) === 'late') {
      deadline.abort()
      return merge
    }
  }
}
