import type { MergeEntry } from '../domain/merging/merge-entry.ts'
import type { BacklogPlan } from '../domain/backlog/backlog-plan.ts'
import type { Phase, Phases } from '../domain/features/department.ts'
import type { QueueRun } from './queue.ts'
import type { TaskStatus } from './task-status.ts'

/**
 * The daemon speaks JSON over HTTP on loopback. Every request carries `authorization: Bearer <token>`.
 *
 *   GET  /v1/daemon                     DaemonStatus
 *   POST /v1/daemon/stop                {}            sessions live on
 *   GET  /v1/tasks?cwd=&all=            TasksResponse (of the repository of cwd; all=1: of every project)
 *   GET  /v1/tasks/log?cwd=&name=&record=&after=&tail= LogResponse
 *                                     tail: without a record that was read before, only about so many characters of its end
 *   GET  /v1/events                     SSE: `task` TaskStatus, `notice` {text}; first a `hello` with TasksResponse of everything
 *   POST /v1/run                        RunRequest → RunResponse
 *   POST /v1/spawn                      SpawnRequest → SpawnResponse
 *   POST /v1/feature                    FeatureRequest → FeatureResponse
 *   POST /v1/send | pause | resume | stop   SendRequest | TaskRequest | ResumeRequest | StopRequest → TaskResponse; stop waits for the process's end
 *   POST /v1/attach                     AttachRequest → AttachResponse; again while it is `waiting`
 *   POST /v1/answer                     AnswerRequest → TaskResponse
 *   POST /v1/decide                     DecideRequest → DecideResponse
 *   POST /v1/merge                      MergeRequest → MergeResponse; then GET /v1/merge/<id>?wait=1 until isDone
 *   POST /v1/undo                       UndoRequest → MergeResponse; then as for a merge
 *   GET  /v1/queue?cwd=&wait=           QueueResponse; with a version to wait for: at the next change, or after a while
 *   GET  /v1/queue/flaky?cwd=           FlakyResponse
 *   POST /v1/queue                      QueueRequest → QueueResponse
 *   POST /v1/radar                      RadarRequest → RadarResponse (radar-report.ts)
 *   POST /v1/test-all                   TestAllRequest → TestAllResponse; then GET /v1/test-all/<id>?wait=1 until isDone
 *   POST /v1/cleanup                    CleanupRequest → CleanupResponse
 *
 * Anything but 2xx carries an ErrorResponse.
 */
export interface ErrorResponse {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly safe?: string
    readonly next?: string
    /** Backlog problems and the like: printed one per line. */
    readonly details?: readonly string[]
    readonly exitCode: 1 | 2 | 3
  }
}

export interface DaemonStatus {
  readonly pid: number
  readonly port: number
  readonly version: string
  readonly startedAt: string
  readonly home: string
  readonly liveSessions: number
  readonly rssBytes: number
  /** Set while the whole fleet waits for the model's provider. */
  readonly backOff?: { readonly until: string; readonly reason: string }
}

/** `waits`: for the end of the running turn. `terminal`: what the client runs now, secrets inside. */
export type AttachResponse =
  | { readonly kind: 'would'; readonly task: TaskStatus; readonly waits: boolean }
  | { readonly kind: 'waiting'; readonly task: TaskStatus }
  | {
      readonly kind: 'ready'
      readonly task: TaskStatus
      readonly terminal: {
        readonly folder: string
        readonly marker: string
        readonly argv: readonly string[]
        readonly cwd: string
        readonly environment: Readonly<Record<string, string>>
      }
    }

/** The answer as it stands on the board. */
export interface DecideResponse {
  readonly project: string
  readonly message: string
  readonly answer: string
  readonly to: readonly string[]
}

export interface TasksResponse {
  readonly schema: 1
  readonly at: string
  readonly tasks: readonly TaskStatus[]
}
export interface TaskResponse {
  readonly task: TaskStatus
  readonly note?: string
  /** The word is kept and not followed yet. */
  readonly isPending?: boolean
  readonly isDryRun: boolean
}

/** A plan with as much of its tasks as people look at. */
export type PrintedPlan = Omit<BacklogPlan, 'tasks'> & {
  readonly tasks: readonly Pick<BacklogPlan['tasks'][number], 'id' | 'title' | 'needs' | 'owns'>[]
}

export interface RunResponse {
  readonly started: readonly string[]
  readonly continued: readonly string[]
  readonly skipped: readonly { readonly task: string; readonly reason: string }[]
  /** Handles in the order in which they will start. */
  readonly order: readonly string[]
  readonly plan: PrintedPlan
  readonly max: number
  readonly notes: readonly string[]
  readonly isDryRun: boolean
}

export interface SpawnResponse {
  readonly task: TaskStatus
  /** For --manual: what to type; already quoted for a POSIX shell. */
  readonly command?: string
  readonly isDryRun: boolean
}

export interface FeatureResponse {
  readonly task: TaskStatus
  /** In the order in which they begin. */
  readonly parts: readonly PlannedPart[]
  readonly phases: Phases
  /** Names of the rules where only the person decides. */
  readonly gates: readonly string[]
  /** `review`: it waits for `orch merge` when it is ready. */
  readonly land: 'auto' | 'review'
  readonly notes: readonly string[]
  readonly isDryRun: boolean
}

export interface PlannedPart {
  readonly handle: string
  readonly department: string
  readonly phase: Phase
  readonly branch: string
  readonly worktree: string
  readonly owns: readonly string[]
  /** Departments that review its checkpoints. */
  readonly reviewers: readonly string[]
  readonly model?: string
  readonly budgetUsd?: number
}

export interface LogResponse {
  readonly lines: readonly { readonly at: string; readonly kind: string; readonly text: string }[]
  /** The agent process whose record this is; a resumed session has a new one. */
  readonly record: string
  /** Pass as `after`, with `record`, to get what came later. */
  readonly next: number
  readonly hasMore: boolean
  /** Only the end was asked for, and there is more before it. */
  readonly isCut?: true
}

export interface MergeResponse {
  readonly id: string
  readonly isDone: boolean
  readonly entries: readonly MergeEntry[]
  /** Conflicts with other active worktrees, named before anything moves. */
  readonly overlaps: readonly { readonly branch: string; readonly other: string; readonly files: readonly string[] }[]
  /** For the person, one line each: which hooks of theirs are passed by. */
  readonly notes: readonly string[]
  /** What was tested for these entries so far. */
  readonly runs: readonly QueueRun[]
  /** All of that in runs of the whole suite. */
  readonly suiteEquivalents: number
  readonly isDryRun: boolean
  /** Of `orch undo`: whose landing is taken back, and what was before and after it. */
  readonly undoes?: { readonly names: readonly string[]; readonly from: string; readonly to: string }
}

/** The validation of each branch alone, and of all of them merged. */
export interface TestAllResponse {
  readonly id: string
  readonly isDone: boolean
  readonly rows: readonly { readonly name: string; readonly branch: string; readonly alone: TestVerdict }[]
  readonly merged: TestVerdict
  readonly isDryRun: boolean
}

export interface TestVerdict {
  /** `waiting`: not begun; `conflicts`: it cannot be built. */
  readonly outcome: 'passed' | 'failed' | 'conflicts' | 'stopped' | 'running' | 'waiting'
  /** Which step or tests failed, which files conflict; one line. */
  readonly summary: string
  readonly durationMs?: number
  /** The same tree had been tested before. */
  readonly isCached?: boolean
}

export interface CleanupResponse {
  readonly entries: readonly {
    readonly handle: string
    readonly outcome: 'removed' | 'would-remove' | 'refused'
    /** An earlier cleanup had removed it: the steps are that one's. */
    readonly isRepeated?: true
    readonly reason?: string
    readonly next?: string
    /** What was or would be done, one line each. */
    readonly steps: readonly string[]
    /** Where notes and brain were archived. */
    readonly archive?: string
    readonly notes?: string
    /** Of abandoned work: command lines that bring it back. */
    readonly restore?: readonly string[]
  }[]
  readonly isDryRun: boolean
}
