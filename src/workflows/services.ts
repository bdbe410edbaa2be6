import type { ContestFacts } from '../domain/attempts/contest-facts.ts'
import type { FeatureFacts } from '../domain/features/feature-facts.ts'
import type { PermissionDecision } from '../domain/sessions/session-event.ts'
import type { Stage } from '../domain/tasks/stage.ts'
import type { Sha } from '../foundation/brand.ts'
import type { Step } from '../domain/queue/step.ts'
import type { Why } from '../domain/queue/hands.ts'
import type { Scope, TestId, TestRun } from '../domain/queue/test-run.ts'
import type { Repository } from '../ports/git.ts'
import type { MergeEntry } from '../domain/merging/merge-entry.ts'
import type { BatchInput } from './queue/batch-input.ts'
import type { Offer, SetUpSettings } from './queue/offer.ts'
import type { Terminals } from './attach/terminals.ts'
import type { TaskInput } from './task-input.ts'
import type { Board, Gates, Ownerships, Reviews } from './team-services.ts'

/** What the workflows need of the rest of orch. Every verb may be called again after a crash and then finds its own trace. */
export interface Services {
  now(): number
  /** Called by every run that begins or is replayed: the roster hears how the runs of earlier daemons ended. */
  recallEnded(): void
  /** A uuid that depends on the text alone. */
  stableId(text: string): string
  repository(path: string): Promise<Repository>
  readonly sessions: Sessions
  readonly manual: Manual
  readonly terminals: Terminals
  readonly roster: Roster
  readonly worktrees: Worktrees
  readonly modelGate: ModelGate
  readonly commands: Commands
  readonly merges: Merges
  readonly archive: Archive
  readonly audit: Audit
  readonly attempts: Attempts
  readonly queue: Queue
  readonly bench: TestBench
  readonly flakyTests: FlakyTests
  readonly knownPasses: KnownPasses
  readonly overlaps: Overlaps
  readonly board: Board
  readonly gates: Gates
  readonly reviews: Reviews
  readonly ownerships: Ownerships
}

export interface Sessions {
  /**
   * The live process of this conversation: attached if one runs, else a new one that resumes the conversation (or begins it).
   * `interrupted` says what was running when the last process died, `unread` which messages it had been handed and not read.
   */
  ensure(
    input: TaskInput,
    attempt: number,
    signal: AbortSignal,
  ): Promise<{ process: string; isResumed: boolean; interrupted?: string; unread: readonly string[] }>
  /** Feeds the session's news to the run. Called on every replay; no effect but that. */
  watch(input: TaskInput, process: string, runId: string): void
  say(input: TaskInput, process: string, message: { id: string; text: string; when: 'steer' | 'next-turn' }): Promise<'written' | 'gone'>
  /** Gives a person's word on what this process asks; what has been answered stays as it is. */
  settle(input: TaskInput, process: string, requestId: string, decision: PermissionDecision): Promise<void>
  /** Whether there was a turn to interrupt: then its end is in the news. */
  interrupt(input: TaskInput, process: string): Promise<boolean>
  /** Ends every process of the task. */
  stop(input: TaskInput): Promise<void>
}

export interface Manual {
  /** What a person types to begin in their own terminal, and to go on once that session has ended. From then on it is followed. */
  command(input: TaskInput): Promise<{ command: string; again: string }>
}

export interface Roster {
  /** Called on every replay with the recorded time. */
  setStage(input: TaskInput, stage: Stage, at: number): void
  setAttempt(input: TaskInput, attempt: number): void
  note(input: TaskInput, facts: TaskNote): void
  /** Which of these tasks of the project have landed (or wait tested under the landing ref), and which failed. */
  needs(project: string, tasks: readonly string[]): Promise<{ readonly pending: readonly string[]; readonly failed: readonly string[] }>
  /** Run ids of the tasks of the project that need this one. */
  dependents(project: string, task: string): readonly string[]
}

export type TaskNote = {
  readonly worktree?: string
  readonly base?: string
  readonly checkpoint?: { readonly commit: string; readonly isInferred: boolean; readonly at: number; readonly message: string }
  readonly verdict?: { readonly commit: string; readonly isPassed: boolean; readonly summary: string; readonly at: number }
  readonly reviews?: ReviewNote
  readonly landedAs?: string
  readonly lastCommit?: { readonly sha: string; readonly subject: string; readonly at: number }
  readonly uncommitted?: number
  readonly message?: { readonly at: number; readonly kind: string; readonly text: string }
  readonly contest?: ContestFacts
  readonly feature?: FeatureFacts
  /** Where its work is, where that is another branch than the one it was begun with. */
  readonly branch?: string
}

/** Of the newest checkpoint; `costUsd`: of all reviews of the task. */
export type ReviewNote = {
  readonly verdicts: readonly {
    readonly by: string
    readonly commit: string
    readonly outcome: 'approve' | 'findings' | 'failed' | 'passed-over'
    readonly must: number
    readonly summary: string
    readonly at: number
  }[]
  readonly costUsd: number
}

export interface Worktrees {
  /** `note`: why it is not the newest that the remote may have. */
  base(input: TaskInput): Promise<{ commit: string; note?: string }>
  /** Worktree, copied files, TASK.md and friends, the guard. */
  ensure(input: TaskInput, base: string): Promise<EnsuredTask>
  /** Ticks the box in the user's file when the committed backlog could not carry it. */
  tickFile(input: TaskInput): Promise<void>
}

export type EnsuredTask = {
  readonly lastCommit: { readonly sha: string; readonly subject: string; readonly at: number }
  /** For the person: what was left out. */
  readonly notes: readonly string[]
}

export interface ModelGate {
  /** Comes back when this session may begin a turn; or, where that is not soon, says when to ask again. */
  enter(signal: AbortSignal): Promise<BackOff | undefined>
}

export type BackOff = { readonly until: number; readonly reason: string }

export interface Commands {
  /** Runs the user's own command line in a folder, to its end; output is kept in a file. */
  run(request: CommandRequest): Promise<CommandOutcome>
  /** The same, but what another worktree has got by the same set-up may be copied from there. */
  setUp(request: CommandRequest): Promise<CommandOutcome>
}

export interface CommandRequest {
  readonly input: TaskInput
  readonly name: string
  readonly line: string
  readonly cwd: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type CommandOutcome = {
  readonly isPassed: boolean
  readonly summary: string
  readonly tail: string
  readonly file: string
  readonly exit: number | 'timeout' | 'stopped'
}

/** Which entries wait, and which batch is at work. Everything here is said again by the runs' replay; only the pause is kept in a file. */
export interface Queue {
  /** Called on every replay until the entries are settled. The same entry offered again has another priority. */
  offer(...offers: readonly Offer[]): void
  /** Its run has heard what became of it, or has given it up: it waits no more. */
  forget(entry: string): void
  /** Takes an entry out: it will not land. `landing`: too late, it will be told what becomes of it. */
  withdraw(entry: string): Promise<'out' | 'landing'>
  /** Called by the batch on every replay. */
  batchBegan(batch: string, input: BatchInput): void
  noteStep(batch: string, work: BatchWork): void
  noteRun(batch: string, run: RunFacts): void
  /** This batch has told the entry's run what became of it. Called on every replay. */
  settled(batch: string, entry: string): void
  /** Of this batch, waits for the next one. */
  requeued(batch: string, entry: string, reason: string): void
  /** From here on these cannot be withdrawn, until they are settled or `landingEnded`; answers those that wait no more. */
  beginLanding(batch: string, entries: readonly string[]): Promise<readonly string[]>
  landingEnded(batch: string): void
  /** This run's landing waits for a clean checkout, or no more: whoever looks at checkouts tells it. Called on every replay. */
  held(run: string, held: HeldLanding | undefined): void
}

/** Tested and kept: the user's checkout of the target is in the way. */
export interface HeldLanding {
  readonly offer: Offer
  readonly checkout: string
  readonly dirty: readonly string[]
}

/** What a batch does at this moment, for people. */
export type BatchWork =
  | { readonly kind: 'planning' }
  | { readonly kind: 'testing'; readonly why: Why; readonly members: readonly string[]; readonly scope: Scope; readonly step?: string }
  | { readonly kind: 'landing'; readonly members: readonly string[] }

/** One test run of a batch. Times in milliseconds. */
export type RunFacts = {
  readonly why: Why
  readonly base: string
  readonly members: readonly string[]
  readonly scope: Scope
  readonly outcome: 'passed' | 'failed' | 'stopped' | 'unbuildable'
  readonly step?: string
  readonly failed?: readonly string[]
  readonly tests?: number
  readonly durationMs: number
  readonly isCached: boolean
}

/** What the radar sees. */
export interface Overlaps {
  /** How many live worktrees would conflict with this task's, those of the others in the queue left out. */
  rivalsOf(handle: string, others: readonly string[]): number
}

/** What has passed in tasks' own worktrees: the same tree need not be validated there again. */
export interface KnownPasses {
  has(pass: PassFacts): Promise<boolean>
  note(pass: PassFacts, durationMs: number): Promise<void>
}

export interface PassFacts {
  readonly project: string
  readonly tree: Sha
  readonly steps: readonly Step[]
  readonly setup: string | undefined
  /** Names a stored environment. */
  readonly environment: string
}

export interface FlakyTests {
  note(project: string, step: string, tests: readonly TestId[], at: number): Promise<void>
}

/** Tests trees in worktrees of the queue's own. */
export interface TestBench {
  /**
   * Runs the steps at exactly this commit in a free slot (waits for one), or answers from the results of the same tree. Repeating it after a
   * crash ends first what the dead daemon left running. A set-up that fails is a failed step `setup`. The signal ends it as `stopped`.
   */
  run(request: BenchRequest): Promise<TestRun>
}

export interface BenchRequest {
  readonly project: string
  /** Absolute path of the main worktree. */
  readonly repository: string
  /** Unique and the same at every repetition: names logs and marks processes. */
  readonly id: string
  readonly commit: Sha
  readonly tree: Sha
  readonly steps: readonly Step[]
  readonly setup?: SetUpSettings
  readonly defaultTimeoutMs: number
  readonly scope: Scope
  /** 0: an earlier answer for the same tree counts. */
  readonly rerun: number
  /** Names a stored environment. */
  readonly environment: string
  /** Slots of the project. */
  readonly slots: number
  readonly signal: AbortSignal
  readonly onStep?: (step: string) => void
}

export interface Merges {
  report(merge: string, entry: MergeEntry): void
}

export interface Audit {
  /** orch is about to land this commit: a ref that moves to it is no finding. */
  expect(commit: string): void
}

/** The sessions side by side of a task that has several, and a feature's parts. */
export interface Attempts {
  /** Makes it known and starts its run, whose id it answers; done twice it starts once. */
  begin(input: TaskInput): Promise<string>
  /** What its branch changes against the base, and what its sessions have cost. */
  measure(input: TaskInput, base: string, commit: string): Promise<{ lines?: number; files?: number; costUsd: number }>
  /** Comes back when neither its run nor a process of it works any more. */
  end(input: TaskInput, run: string, reason: string): Promise<void>
  /** How it stands, for the report of the project. */
  keep(input: TaskInput, facts: ContestFacts): Promise<void>
}

export interface Archive {
  /** Brain, notes and transcript are saved and named. */
  save(input: TaskInput, reason: string): Promise<{ folder: string; notes: string }>
  /** What the worktree of work that has landed has learned goes into the project's brain. Tells of what it could not do, and fails at nothing. */
  keepLearnings(input: TaskInput): Promise<void>
  trash(input: TaskInput): string
  emptyTrash(input: TaskInput): Promise<void>
}
