import { plainBlock, plainLine } from '../../foundation/text.ts'
import { parkedAsks, type Stage } from '../../domain/tasks/stage.ts'
import { deriveStatus, type Derived, type SessionView } from '../../domain/tasks/task-status.ts'
import type { ContestFacts } from '../../domain/attempts/contest-facts.ts'
import type { AttemptSettings } from '../../workflows/task-input.ts'
import type { TaskOverlap, TaskStatus, TaskVerdict } from '../../protocol/task-status.ts'
import type { ReviewNote, TaskNote } from '../../workflows/services.ts'
import type { TaskRecord } from './task-record.ts'

export interface SessionReport {
  readonly view: SessionView
  readonly costUsd: number
  readonly tokens: TaskStatus['tokens']
  readonly process?: { readonly folder: string }
}

/** What is known of one task while the daemon lives. */
export interface TaskEntry {
  record: TaskRecord
  stage: Stage
  stageAt: number
  attempt: number
  note: TaskNote
  messages: TaskStatus['messages'][number][]
  overlaps: readonly TaskOverlap[]
  session: SessionReport | undefined
  status: TaskStatus
  isDirty: boolean
  /** The file says another stage: that one must survive a power loss, as the run of an ended task tells its stage to nobody. */
  isStageDirty: boolean
}

/** `attemptsUsd`: what its attempts have cost. */
type Shown = Omit<TaskEntry, 'status'> & { readonly attemptsUsd?: number }

type TaskPart = Pick<
  TaskStatus,
  'schema' | 'handle' | 'project' | 'repository' | 'task' | 'title' | 'kind' | 'needs' | 'branch' | 'target' | 'worktree' | 'base'
>
type StandingPart = Pick<TaskStatus, 'status' | 'reason' | 'next' | 'isWaitingForHuman' | 'source' | 'since' | 'seenAt'>
type TracesPart = Pick<TaskStatus, 'lastCommit' | 'uncommitted' | 'checkpoint' | 'verdict' | 'verdicts' | 'reviewsUsd' | 'landedAs'>

const KEPT_MESSAGES = 20
const LONGEST_MESSAGE = 4000

/** A status file that reads well and still says nonsense costs what it held. */
export function reviveSafely(record: TaskRecord, status: TaskStatus | undefined): TaskEntry {
  try {
    const entry = revive(record, status)
    toStatus(entry)
    return entry
  } catch {
    return revive(record, undefined)
  }
}

export function revive(record: TaskRecord, status: TaskStatus | undefined): TaskEntry {
  const at = status === undefined ? record.input.createdAt : Date.parse(status.since)
  const entry: Omit<TaskEntry, 'status'> = {
    record,
    stage: reviveStage(status),
    stageAt: at,
    attempt: status?.attempt ?? 1,
    note: {
      ...(isLed(record.input) && status?.branch && { branch: status.branch }),
      ...(status?.contest && { contest: status.contest }),
      ...(status?.feature && { feature: status.feature }),
      ...(status?.worktree && { worktree: status.worktree }),
      ...(status?.base && { base: status.base }),
      ...(status?.landedAs && { landedAs: status.landedAs }),
      ...(status?.uncommitted !== undefined && { uncommitted: status.uncommitted }),
      ...(status?.checkpoint && { checkpoint: { ...status.checkpoint, at: Date.parse(status.checkpoint.at) } }),
      ...(status?.verdicts && { reviews: pastReviews(status) }),
      ...(status?.verdict && { verdict: { ...status.verdict, at: Date.parse(status.verdict.at) } }),
      ...(status?.lastCommit && { lastCommit: { ...status.lastCommit, at: Date.parse(status.lastCommit.at) } }),
    },
    messages: [...(status?.messages ?? [])],
    session: status === undefined || isLed(record.input) ? undefined : pastSession(status),
    overlaps: status?.overlaps ?? [],
    isDirty: false,
    isStageDirty: true,
  }
  return { ...entry, status: status ?? toStatus(entry) }
}

/** A task of several attempts, or a feature, has no session of its own, and its cost is theirs. */
function isLed({ contest, feature }: TaskRecord['input']): boolean {
  return contest !== undefined || feature !== undefined
}

function pastReviews({ verdicts = [], reviewsUsd = 0 }: TaskStatus): ReviewNote {
  return { verdicts: verdicts.map((verdict) => ({ ...verdict, at: Date.parse(verdict.at) })), costUsd: reviewsUsd }
}

/** Only ended tasks are read back from their file; the others' runs say their stage again when they are replayed. */
function reviveStage(status: TaskStatus | undefined): Stage {
  if (status?.status === 'Merged') return { kind: 'merged', commit: status.landedAs ?? '' }
  if (status?.status === 'Archived') return { kind: 'archived', reason: status.reason }
  return { kind: 'waiting-for-seat' }
}

function pastSession(status: TaskStatus): SessionReport {
  const at = Date.parse(status.seenAt)
  // What was asked before the daemon died is asked still, until the session's record says otherwise.
  const asks = status.requests.map(({ at: _at, ...ask }) => ask)
  return {
    view: { activity: { kind: 'exited' }, asks, since: asks.length > 0 ? Date.parse(status.since) : at, seenAt: at, source: 'process' },
    costUsd: status.costUsd - (status.reviewsUsd ?? 0),
    tokens: status.tokens,
  }
}

export function toStatus(entry: Shown): TaskStatus {
  const { session } = entry
  return {
    ...taskOf(entry),
    ...standingOf(entry),
    createdAt: iso(entry.record.input.createdAt),
    attempt: entry.attempt,
    costUsd: ownCostUsd(entry) + (entry.attemptsUsd ?? 0),
    tokens: session?.tokens ?? { input: 0, output: 0, cacheRead: 0, cacheCreation: 0 },
    ...tracesOf(entry.note),
    ...(entry.overlaps.length > 0 && { overlaps: entry.overlaps }),
    requests: requestsOf(entry),
    messages: entry.messages,
    ...contestOf(entry),
    ...(session?.process && { process: session.process }),
  }
}

function taskOf({ record: { input }, note }: Omit<TaskEntry, 'status'>): TaskPart {
  return {
    schema: 1,
    handle: input.handle,
    project: input.project,
    repository: input.repository,
    task: input.task.id,
    title: plainLine(input.task.title),
    kind: input.kind,
    needs: input.task.needs,
    branch: note.branch ?? input.branch,
    target: input.target,
    ...(note.worktree && { worktree: note.worktree }),
    ...(note.base && { base: note.base }),
  }
}

function standingOf(entry: Omit<TaskEntry, 'status'>): StandingPart {
  const derived = statusOf(entry)
  return {
    status: derived.status,
    reason: plainLine(derived.reason),
    ...(derived.next && { next: plainLine(derived.next, LONGEST_MESSAGE) }),
    isWaitingForHuman: derived.isWaitingForHuman,
    source: derived.source,
    since: iso(derived.since),
    seenAt: iso(derived.seenAt),
  }
}

/** What an attempt or a part waits for in Review is its task's word. */
function statusOf({ record: { input }, stage, stageAt, session }: Omit<TaskEntry, 'status'>): Derived {
  const derived = deriveStatus(input.handle, stage, stageAt, session?.view)
  const { attemptOf, part } = input
  if ((attemptOf === undefined && part === undefined) || stage.kind !== 'in-review') return derived
  const next = attemptOf === undefined ? `orch wait ${part?.feature ?? ''}` : `orch attempts ${attemptOf.task}`
  return { ...derived, isWaitingForHuman: false, next }
}

function contestOf({
  record: { input },
  note,
}: Omit<TaskEntry, 'status'>): Pick<TaskStatus, 'attemptOf' | 'model' | 'contest' | 'partOf' | 'feature'> {
  const { attemptOf, part, settings } = input
  return {
    ...(attemptOf && { attemptOf: { task: attemptOf.task, number: attemptOf.number } }),
    ...(part && { partOf: { feature: part.feature, department: part.department.name } }),
    ...(note.feature && { feature: note.feature }),
    ...(settings.model && { model: settings.model }),
    ...(input.contest && { contest: note.contest ?? begunLater(input.handle, input.contest.attempts) }),
  }
}

function begunLater(handle: string, attempts: readonly AttemptSettings[]): ContestFacts {
  const facts = { standing: 'working', reason: 'not begun yet' } as const
  return { attempts: attempts.map(({ number, branch }) => ({ number, handle: `${handle}.${number}`, branch, ...facts })) }
}

function tracesOf({ lastCommit, uncommitted, checkpoint, verdict, reviews, landedAs }: TaskNote): TracesPart {
  return {
    ...(lastCommit && { lastCommit: { ...lastCommit, subject: plainLine(lastCommit.subject), at: iso(lastCommit.at) } }),
    ...(uncommitted !== undefined && { uncommitted }),
    ...(checkpoint && { checkpoint: { ...checkpoint, message: plainLine(checkpoint.message), at: iso(checkpoint.at) } }),
    ...(verdict && { verdict: { ...verdict, summary: plainLine(verdict.summary), at: iso(verdict.at) } }),
    ...(reviews && { reviewsUsd: reviews.costUsd, verdicts: reviews.verdicts.map(toTaskVerdict) }),
    ...(landedAs && { landedAs }),
  }
}

function toTaskVerdict(verdict: ReviewNote['verdicts'][number]): TaskVerdict {
  return { ...verdict, by: plainLine(verdict.by), summary: plainLine(verdict.summary), at: iso(verdict.at) }
}

/** Of its sessions and of those that reviewed its work. */
export function ownCostUsd({ session, note }: Pick<TaskEntry, 'session' | 'note'>): number {
  return (session?.costUsd ?? 0) + (note.reviews?.costUsd ?? 0)
}

/** What its process asks, and what one that was ended had asked. */
function requestsOf({ session, stage, stageAt }: Omit<TaskEntry, 'status'>): TaskStatus['requests'] {
  const parked = parkedAsks(stage)
  const live = (session?.view.asks ?? []).filter(({ id }) => !parked.some((ask) => ask.id === id))
  return [...parked.map((ask) => ({ ask, at: ask.at })), ...live.map((ask) => ({ ask, at: session?.view.since ?? stageAt }))].map(
    ({ ask, at }) => ({
      id: ask.id,
      tool: plainLine(ask.tool),
      summary: plainLine(ask.summary),
      at: iso(at),
      ...(ask.questions !== undefined && { questions: ask.questions }),
    }),
  )
}

export function addMessage(entry: TaskEntry, message: { at: number; kind: string; text: string }): void {
  const line = { at: new Date(message.at).toISOString(), kind: message.kind, text: cut(plainBlock(message.text)) }
  // A note is true for as long as the worktree stands, and said each time that it is looked at.
  if (entry.messages.some((known) => known.text === line.text && (known.at === line.at || line.kind === 'note'))) return
  entry.messages = [...entry.messages, line].slice(-KEPT_MESSAGES)
}

/** The whole of it is on the board; this goes into every status that is read or sent. */
function cut(text: string): string {
  return text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE)}…`
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
