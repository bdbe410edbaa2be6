import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import type { MergeEntry } from '../../../domain/merging/merge-entry.ts'
import { lookUntil } from '../../../platform/clock.ts'
import type { MergeRequest } from '../../../protocol/requests.ts'
import type { MergeResponse } from '../../../protocol/responses.ts'
import { taskAbove } from '../../../protocol/task-status.ts'
import { NEWS } from '../../../workflows/news.ts'
import type { EntryInput, EntryReport } from '../../../workflows/queue/entry.ts'
import { entryName } from '../../../domain/queue/entry-trailer.ts'
import { attemptRecords, placedInput } from '../../attempts/contest-records.ts'
import { mergeRuns, workWords } from '../../queue/queue-view.ts'
import type { TaskRecord } from '../../services/task-record.ts'
import { openPlace } from '../open-place.ts'
import type { RequestParts } from '../parts.ts'
import type { Place } from '../task-inputs.ts'
import { branchOffer } from './branch-offer.ts'
import { choose, keyOf, type Chosen } from './chosen.ts'
import { forecastBranch, forecastTask } from './forecast.ts'
import { branchLandedBefore, missingNote, readLanded, takenBackEntry, type Landed } from './landed-before.ts'

/** Stages in which a person may ask for the merge; in all others the session or orch itself is at it. */
const MERGEABLE = new Set(['in-review', 'manual', 'unfinished', 'blocked', 'waiting', 'paused', 'failed', 'landing-held'])

/** `orch merge`: names what would conflict, then puts each into the queue; what becomes of them comes by `GET /v1/merge/<id>`. */
export async function merge(parts: RequestParts, request: MergeRequest): Promise<MergeResponse> {
  const place = await openPlace(parts, request.cwd)
  const chosen = await choose(parts, request, place)
  const id = parts.newId()
  const isDryRun = request.isDryRun ?? false
  const entries: MergeEntry[] = []
  const landed = await readLanded(place)
  for (const one of chosen) entries.push(await firstEntry(parts, place, landed, one, isDryRun))
  const overlaps = await findOverlaps(parts, place, chosen)
  const started = { project: place.project, at: parts.clock.now() }
  const notes = [
    ...(await Promise.all(queuedBranches(chosen, entries).map(({ branch }) => missingNote(landed, branch)))).flat(),
    ...untestedNote(place, request, chosen, entries),
    ...(await place.repository.landingObstacles()).map(({ what, effect }) => `${what}: ${effect}`),
  ]
  if (isDryRun) return { id, isDone: true, entries, overlaps, notes, runs: [], suiteEquivalents: 0, isDryRun }
  parts.merges.begin(id, { entries, overlaps, notes, ...started })
  const going = chosen.filter((_one, index) => entries[index]?.outcome === 'running')
  parts.desk.expect(going.map(keyOf))
  const environment = going.some(({ kind }) => kind === 'branch') ? await parts.environments.keep(request.environment) : ''
  for (const [index, one] of going.entries()) {
    const waiting = one.kind === 'branch' ? parts.desk.find(one.branch, place.project) : undefined
    if (one.kind === 'task') await ask(parts, one.record.runId, id, request.validate, one.attempt)
    else if (waiting?.offer.entry.head === one.head && waiting.offer.target === place.target)
      await ask(parts, waiting.offer.run, id, request.validate)
    else {
      const offer = branchOffer(place, { ...one, merge: id, at: started.at + index, environment, validate: request.validate })
      await parts.engine.start('entry', { merge: id, offer }, { id: `entry.${id}.${index}` })
    }
  }
  return answerOf(parts, id)
}

function queuedBranches(chosen: readonly Chosen[], entries: readonly MergeEntry[]): Extract<Chosen, { kind: 'branch' }>[] {
  return chosen.flatMap((one, at) => (one.kind === 'branch' && ['running', 'would-land'].includes(entries[at]?.outcome ?? '') ? [one] : []))
}

/** Branches land on a person's word, also where nothing is configured that could test them; tasks know their own validation. */
function untestedNote(place: Place, { validate }: MergeRequest, chosen: readonly Chosen[], entries: readonly MergeEntry[]): string[] {
  if (validate !== undefined || place.config.validate !== undefined) return []
  return queuedBranches(chosen, entries).length > 0
    ? ['nothing tests these branches: no validation is configured. orch config set validate "npm test"']
    : []
}

/** Of a run that is there: a task's, or that of a branch which is in the queue already. */
async function ask(parts: RequestParts, runId: string, merge: string, validate: string | undefined, attempt?: number): Promise<void> {
  const news = { kind: 'merge', merge, ...(attempt !== undefined && { attempt }), ...(validate !== undefined && { validate }) } as const
  await parts.engine.send(runId, NEWS, news, `merge ${merge}`)
}

type ChosenTask = Extract<Chosen, { kind: 'task' }>

async function firstEntry(parts: RequestParts, place: Place, landed: Landed, chosen: Chosen, isDryRun: boolean): Promise<MergeEntry> {
  if (chosen.kind === 'branch') {
    const { branch, head } = chosen
    const before = await branchLandedBefore(landed, branch, head)
    if (before !== undefined) return before
    if (isDryRun) return forecastBranch(place, branch, head)
    return { handle: branch, branch, head, outcome: 'running', step: 'waiting' }
  }
  const { runId } = chosen.record
  const looked = lookedAt(parts, chosen)
  const input = { ...looked.input, handle: chosen.record.input.handle }
  const entry = { handle: input.handle, branch: input.branch }
  const [stage, status] = [parts.roster.stage(input.handle), parts.roster.status(input.handle)]
  if (stage?.kind === 'merged')
    return takenBackEntry(landed, entry, ({ name }) => entryName(name) === input.handle) ?? { ...entry, outcome: 'already-landed' }
  const refuse = (code: string, reason: string, next: string): MergeEntry => ({ ...entry, outcome: 'refused', code, reason, next })
  const isDecided = stage?.kind === 'contest' && chosen.attempt !== undefined
  if (stage === undefined || (!MERGEABLE.has(stage.kind) && !isDecided))
    return refuse(
      'still-working',
      status?.reason ?? 'it is still being worked on',
      (status?.isWaitingForHuman && status.next) || `orch wait ${input.handle}`,
    )
  if (parts.engine.get(runId)?.endedAt !== undefined)
    return refuse('run-ended', status?.reason ?? 'its run has ended', `orch resume ${input.handle}`)
  return isDryRun
    ? { ...(await forecastTask(parts, place, looked)), handle: input.handle }
    : { ...entry, outcome: 'running', step: 'waiting' }
}

/** Whose branch and worktree would land. Failure `unknown-attempt`. */
function lookedAt({ roster }: RequestParts, { record, attempt }: ChosenTask): TaskRecord {
  if (attempt === undefined) return { ...record, input: placedInput(roster, record) }
  const found = attemptRecords(roster, record).find(({ input }) => input.attemptOf?.number === attempt)
  if (found !== undefined) return found
  const { handle } = record.input
  throw new Failure('unknown-attempt', `${handle} has no attempt ${attempt}`, {
    safe: 'nothing was merged',
    next: `orch attempts ${handle}`,
  })
}

/** What landing these would mean for the worktrees that go on. Nothing is touched. */
async function findOverlaps(parts: RequestParts, place: Place, chosen: readonly Chosen[]): Promise<MergeResponse['overlaps']> {
  const heads = new Map<string, Sha>()
  for (const status of parts.roster.statuses()) {
    if (status.repository !== place.repository.root || status.status === 'Merged' || status.status === 'Archived') continue
    // Attempts at one task conflict with each other by their nature, and all but one of them go; a feature speaks for its parts.
    if (taskAbove(status) !== undefined) continue
    const head = await place.repository.resolve(`refs/heads/${status.branch}`)
    if (head !== undefined) heads.set(status.branch, head)
  }
  for (const one of chosen) if (one.kind === 'branch') heads.set(one.branch, one.head)
  const asked = new Set(chosen.map((one) => (one.kind === 'task' ? placedInput(parts.roster, one.record).branch : one.branch)))
  const byHead = new Map<Sha, string[]>()
  for (const [branch, head] of heads) byHead.set(head, [...(byHead.get(head) ?? []), branch])
  const { commit } = await place.repository.targetTip(place.target)
  const { pairs } = await place.repository.conflictsAmong(commit, [...byHead.keys()])
  return pairs.flatMap(({ a, b, files }) =>
    (byHead.get(a) ?? []).flatMap((branch) =>
      (byHead.get(b) ?? []).filter((other) => asked.has(branch) || asked.has(other)).map((other) => ({ branch, other, files })),
    ),
  )
}

/** Waits until all are done or a while has passed, so that a client asks again and a dead client is forgotten. */
export async function awaitMerge(parts: RequestParts, id: string, deadlineMs: number): Promise<MergeResponse> {
  const { clock, merges } = parts
  const changed = () => merges.changed()
  return lookUntil(
    { clock, ms: deadlineMs, changed },
    () => answerOf(parts, id),
    ({ isDone }) => isDone,
  )
}

export function answerOf(parts: RequestParts, id: string): MergeResponse {
  const found = parts.merges.get(id) ?? recall(parts, id)
  if (found === undefined) {
    throw new Failure('unknown-merge', 'the daemon was restarted and no longer knows this question', {
      safe: 'the merge itself goes on',
      next: 'orch queue',
    })
  }
  const { project, at, ...answer } = found
  const entries = answer.entries.map((entry) => (entry.outcome === 'running' ? { ...entry, step: stepOf(parts, project, entry) } : entry))
  return { ...answer, entries, ...mergeRuns(parts.desk.batchesSince(project, at), found.entries) }
}

/** What its batch does at this moment. */
function stepOf(parts: RequestParts, project: string, { handle, step }: { handle: string; step: string }): string {
  const lane = parts.desk.lanes(project).find(({ batch }) => batch?.input.offers.some(({ entry }) => entry.name === handle))
  return lane?.batch === undefined ? step : workWords(lane.batch)
}

/** A question of before the daemon's restart: the branches' own runs know how they ended; those of tasks show in their status. */
function recall(parts: RequestParts, id: string): ReturnType<RequestParts['merges']['get']> {
  const runs = parts.engine.list().filter((run) => run.name === 'entry' && (run.input as EntryInput).merge === id)
  const [first] = runs
  if (first === undefined) return undefined
  const entries = runs.map((run): MergeEntry => {
    const { entry } = (run.input as EntryInput).offer
    const known = { handle: entry.name, branch: entry.branch, head: entry.head }
    if (run.status === 'done') return { ...known, ...(run.output as EntryReport) }
    if (run.endedAt === undefined) return { ...known, outcome: 'running', step: 'in the queue' }
    return {
      ...known,
      outcome: 'refused',
      code: run.failure?.code ?? 'run-failed',
      reason: run.failure?.message ?? 'its run ended',
      next: `orch merge ${entry.branch}`,
    }
  })
  const isDone = entries.every((entry) => entry.outcome !== 'running')
  const { project } = (first.input as EntryInput).offer
  return { id, isDone, entries, overlaps: [], notes: [], isDryRun: false, project, at: first.startedAt }
}
