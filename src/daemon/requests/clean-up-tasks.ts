import { Failure } from '../../foundation/failure.ts'
import { commandLine } from '../../foundation/shell.ts'
import type { CleanupRequest } from '../../protocol/requests.ts'
import type { CleanupResponse } from '../../protocol/responses.ts'
import type { CleanupInput, CleanupOutcome } from '../../workflows/cleanup.ts'
import { newsOf } from '../../workflows/life/attempt-report.ts'
import { NEWS } from '../../workflows/news.ts'
import { innerRecords, placedInput } from '../attempts/contest-records.ts'
import { discardTask } from '../attempts/discard-task.ts'
import { leaderOf } from '../attempts/leader.ts'
import type { TaskRecord } from '../services/task-record.ts'
import { awaitStage } from './await-stage.ts'
import { findTask } from './find-task.ts'
import { openPlace } from './open-place.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { RequestParts } from './parts.ts'
import type { Place } from './task-inputs.ts'

type Entry = CleanupResponse['entries'][number]

/** `orch cleanup`: merged tasks by default; others only by name with a reason, and their work is kept in a backup ref. */
export async function cleanUpTasks(parts: RequestParts, request: CleanupRequest): Promise<CleanupResponse> {
  const place = await openPlace(parts, request.cwd)
  const isDryRun = request.isDryRun ?? false
  const entries: Entry[] = []
  for (const record of await chosen(parts, request, place)) {
    await hearsOfLanding(parts, record)
    entries.push(isDryRun ? await preview(parts, place, record, request) : await cleanUpOne(parts, place, record, request))
  }
  if (!isDryRun && !parts.roster.statuses().some((status) => status.repository === place.repository.root && status.status !== 'Archived')) {
    await parts.bench.removeSlots(place.project, place.repository)
    await parts.templates.removeAll(place.project)
    await place.repository.removeGuard()
  }
  return { entries, isDryRun }
}

async function chosen(parts: RequestParts, request: CleanupRequest, place: Place): Promise<TaskRecord[]> {
  if (request.names.length > 0) {
    const named = await Promise.all(request.names.map((name) => findTask(parts, { cwd: request.cwd, name })))
    return [...new Set(named.flatMap((record) => [record, ...openInner(parts, record)]))]
  }
  return parts.roster
    .statuses()
    .filter(
      (status) =>
        status.project === place.project && (status.status === 'Merged' || (request.isAll === true && status.status !== 'Archived')),
    )
    .map((status) => parts.roster.record(status.handle))
    .filter((record) => record !== undefined)
}

/** A task that is given up takes its attempts with it; one that has landed puts them away itself. A feature's parts go with it. */
function openInner({ roster }: RequestParts, record: TaskRecord): TaskRecord[] {
  if (roster.stage(record.input.handle)?.kind === 'merged' && record.input.contest !== undefined) return []
  return [...innerRecords(roster, record)].filter(({ input }) => roster.stage(input.handle)?.kind !== 'archived')
}

const HEARS_WITHIN_MS = 10_000

/** The parts of a feature that has landed a moment ago are told so, one after the other. */
async function hearsOfLanding(parts: RequestParts, { input: { handle, part } }: TaskRecord): Promise<void> {
  if (part === undefined || parts.roster.stage(part.feature)?.kind !== 'merged') return
  await awaitStage(parts, handle, isOver, HEARS_WITHIN_MS)
}

async function preview(parts: RequestParts, place: Place, record: TaskRecord, request: CleanupRequest): Promise<Entry> {
  const input = placedInput(parts.roster, record)
  const earlier = earlierRemoval(parts, record)
  if (earlier !== undefined) return { ...toEntry(input.handle, earlier), isRepeated: true }
  const refusal = unmerged(parts, record, request)
  if (refusal !== undefined) return refusal
  const worktrees = await place.repository.listWorktrees()
  if (!worktrees.some(({ path }) => path === input.worktree)) {
    const head = await place.repository.resolve(`refs/heads/${input.branch}`)
    const branch = head === undefined ? [] : [`delete branch ${input.branch} (${head.slice(0, 10)}) if another one has its commits`]
    return { handle: input.handle, outcome: 'would-remove', steps: ['it has no worktree', ...branch] }
  }
  const plan = await place.repository.planRemoval(input.worktree, input.branch, {
    target: input.target,
    abandon: request.abandonReason !== undefined,
  })
  if (plan.kind === 'refused')
    return {
      handle: input.handle,
      outcome: 'refused',
      reason: plan.detail,
      next: `orch merge ${input.handle}   or   orch cleanup ${input.handle} --abandon "why"`,
      steps: [],
    }
  return {
    handle: input.handle,
    outcome: 'would-remove',
    steps: [
      'archive AGENT_NOTES.md and .planning/brain/',
      ...(plan.uncommitted.length > 0 ? [`keep ${plan.uncommitted.length} uncommitted path(s) in a backup ref`] : []),
      `remove ${input.worktree}; its commits are kept by ${plan.keptBy}`,
      plan.keptBy === `refs/heads/${input.branch}`
        ? `keep branch ${input.branch}: nothing else has its commits`
        : `delete branch ${input.branch} (${plan.head.slice(0, 10)})`,
      ...(request.isRemote ? [`delete the remote branch ${input.branch} if it is still there at this commit`] : []),
    ],
  }
}

async function cleanUpOne(parts: RequestParts, place: Place, record: TaskRecord, request: CleanupRequest): Promise<Entry> {
  const input = placedInput(parts.roster, record)
  const earlier = earlierRemoval(parts, record)
  if (earlier !== undefined) return { ...toEntry(input.handle, earlier), isRepeated: true }
  const refusal = unmerged(parts, record, request)
  if (refusal !== undefined) return refusal
  const stage = parts.roster.stage(input.handle)
  const asked = request.abandonReason ?? 'merged'
  if (!isOver(stage)) await giveUp(parts, record, asked)
  const isMerged = parts.roster.stage(input.handle)?.kind === 'merged'
  const isAbandoned = !isMerged && request.abandonReason !== undefined
  const reason = isMerged && stage?.kind !== 'merged' ? `landed at the very moment it was given up (${asked})` : asked
  const outcome = await runCleanup(parts, record, { task: input, isRemote: request.isRemote ?? false, isAbandoned, reason })
  const entry = toEntry(input.handle, outcome)
  return isAbandoned && outcome.kind === 'removed' ? { ...entry, restore: await restoreCommands(place, input, outcome) } : entry
}

/** What brings abandoned work back: its worktree on its branch, with what was not committed. */
async function restoreCommands(
  { repository }: Place,
  { worktree, branch }: TaskRecord['input'],
  { head, backup }: Extract<CleanupOutcome, { kind: 'removed' }>,
): Promise<readonly string[]> {
  const isKept = (await repository.resolve(`refs/heads/${branch}`)) !== undefined
  if (!isKept && head === undefined) return []
  const add = ['git', '-C', repository.root, 'worktree', 'add']
  return [
    commandLine(isKept || head === undefined ? [...add, worktree, branch] : [...add, '-b', branch, worktree, head]),
    ...(backup === undefined ? [] : [commandLine(['git', '-C', worktree, 'restore', `--source=${backup}`, '--worktree', '--', '.'])]),
  ]
}

function toEntry(handle: string, outcome: CleanupOutcome): Entry {
  if (outcome.kind === 'removed')
    return { handle, outcome: 'removed', steps: outcome.steps, archive: outcome.archive, notes: outcome.notes }
  return { handle, outcome: 'refused', reason: outcome.reason, next: `orch cleanup ${handle} --abandon "why"`, steps: outcome.steps }
}

/** What did not land goes only with a reason. */
function unmerged(parts: RequestParts, { input: { handle, part } }: TaskRecord, request: CleanupRequest): Entry | undefined {
  if (isOver(parts.roster.stage(handle)) || request.abandonReason !== undefined) return undefined
  const status = parts.roster.status(handle)
  return {
    handle,
    outcome: 'refused',
    reason: `it is not merged (${status?.status}: ${status?.reason})`,
    next: `orch merge ${part?.feature ?? handle}   or   orch cleanup ${handle} --abandon "why"`,
    steps: [],
  }
}

function isOver(stage: Stage | undefined): boolean {
  return stage?.kind === 'merged' || stage?.kind === 'archived'
}

/** What the finished cleanup of this very run of the task said; one that was refused may be asked for again. */
function earlierRemoval(parts: RequestParts, { runId }: TaskRecord): Extract<CleanupOutcome, { kind: 'removed' }> | undefined {
  for (let number = 1; ; number++) {
    const known = parts.engine.get(`${runId}/cleanup.${number}`)
    if (known === undefined) return undefined
    const outcome = known.output as CleanupOutcome | undefined
    if (outcome?.kind === 'removed') return outcome
  }
}

/** A run that was cancelled in the middle of a long step has told nobody. */
async function giveUp(parts: RequestParts, { input, runId }: TaskRecord, reason: string): Promise<void> {
  await discardTask(parts, input, runId, reason)
  const leader = leaderOf(input)
  if (leader === undefined || parts.engine.get(leader)?.endedAt !== undefined) return
  await parts.engine.send(leader, NEWS, newsOf(input, { kind: 'gone', reason }), `gone ${runId}`)
}

/** One run per try that was refused before; a finished one is answered from its record. */
async function runCleanup(parts: RequestParts, record: TaskRecord, input: CleanupInput): Promise<CleanupOutcome> {
  for (let number = 1; ; number++) {
    const id = `${record.runId}/cleanup.${number}`
    const known = parts.engine.get(id)
    if (known !== undefined && (known.status === 'failed' || (known.output as CleanupOutcome | undefined)?.kind === 'refused')) continue
    const run = await parts.engine.start('cleanup', input, { id })
    return (await run.result().catch((error: unknown) => {
      if (error instanceof Failure) return { kind: 'refused', reason: error.message, steps: [] }
      throw error
    })) as CleanupOutcome
  }
}
