import { randomUUID } from 'node:crypto'
import type { Engine, RunRecord } from '../ports/engine.ts'
import type { CleanupInput, CleanupOutcome } from '../workflows/cleanup.ts'
import { newsOf } from '../workflows/life/attempt-report.ts'
import { NEWS } from '../workflows/news.ts'
import type { TaskInput } from '../workflows/task-input.ts'
import type { TaskOutcome } from '../workflows/run-task.ts'
import { leaderOf } from './attempts/leader.ts'
import { declareQueues } from './requests/start-task.ts'
import { logError } from './services/error-log.ts'
import type { Roster } from './services/roster.ts'
import type { TaskRecord } from './services/task-record.ts'

/** Nothing but a clean-up cancels a task. Its own reason follows when it has removed what there was. */
const GIVEN_UP = { kind: 'archived', reason: 'given up' } as const

const OF_ANOTHER_VERSION =
  'another version of orch began it, and this one cannot go on with its record; worktree, branch and commits are kept'

/** What a daemon that died may have left unsaid. The journal is right; files are written after it, and a run is started after its task is known. */
export class Recovery {
  readonly #engine: Engine
  readonly #roster: Roster
  readonly #stopSession: (input: TaskInput) => Promise<void>
  #hasRecalled = false
  /** Runs of earlier daemons; what ends while this one replays is not among them. */
  readonly #ended = new Set<string>()

  constructor(engine: Engine, roster: Roster, stopSession: (input: TaskInput) => Promise<void>) {
    this.#engine = engine
    this.#roster = roster
    this.#stopSession = stopSession
  }

  /** How the runs ended that no replay will tell of. Once, before the first run goes on. */
  recallEnded(): void {
    if (this.#hasRecalled) return
    this.#hasRecalled = true
    this.#adoptLost()
    for (const { runId, input } of this.#roster.records()) {
      const run = this.#engine.get(runId)
      if (run === undefined) continue
      if (run.endedAt !== undefined) this.#ended.add(runId)
      this.#recall(input.handle, run)
    }
    for (const run of this.#engine.list()) if (run.name === 'cleanup') this.#recallCleanup(run)
  }

  /** Starts what was made known and not started, and tells those who wait for something that has landed. */
  async goOn(): Promise<void> {
    const records = this.#roster.records().filter(({ runId }) => !this.#ended.has(runId))
    for (const { runId, input } of records) {
      // Begun by the run of its task or feature, when that gets there.
      if (leaderOf(input) !== undefined && this.#engine.get(runId) === undefined) continue
      const run = await this.#engine.start('task', input, { id: runId })
      // A replay may find that this version cannot repeat what an earlier one did, and may have found it already.
      void run.result().catch((error: unknown) => this.#recallFailure(runId, input, error))
    }
    for (const record of records) await this.#tellOfNeeds(record)
    for (const record of records) await this.#tellOfQueue(record)
    for (const record of this.#roster.records()) await this.#tellOfFailure(record)
  }

  /** Tasks whose file was lost. The newest run of each is the one that counts. */
  #adoptLost(): void {
    const newest = new Map<string, TaskRecord>()
    for (const run of this.#engine.list()) {
      const generation = Number(/#(\d+)$/.exec(run.id)?.[1])
      const input = run.input as TaskInput | null
      if (run.name !== 'task' || input === null || !(generation > (newest.get(input.handle)?.generation ?? 0))) continue
      newest.set(input.handle, { runId: run.id, generation, input })
    }
    for (const record of newest.values()) if (this.#roster.adopt(record)) declareQueues(this.#engine, record.input)
  }

  /** Nobody hears its agent any more. */
  async #recallFailure(runId: string, input: TaskInput, error: unknown): Promise<void> {
    logError(error)
    const run = this.#engine.get(runId)
    if (run?.status !== 'failed' || this.#roster.stage(input.handle)?.kind === 'archived') return
    this.#recall(input.handle, run)
    await this.#tellOfFailure({ runId, input }).catch(logError)
    await this.#stopSession(input).catch(logError)
  }

  #recall(handle: string, { status, output, failure, endedAt = 0 }: RunRecord): void {
    if (status === 'failed') {
      const next = `orch resume ${handle} begins it anew in its worktree   or   orch cleanup ${handle} --abandon "why"`
      const code = failure?.code ?? 'run-failed'
      const reason = code === 'nondeterministic-run' ? OF_ANOTHER_VERSION : (failure?.message ?? 'its run failed')
      this.#roster.recallEnd(handle, { kind: 'failed', code, reason, next }, endedAt)
    }
    if (status === 'cancelled') this.#roster.recallEnd(handle, GIVEN_UP, endedAt)
    const outcome = output as TaskOutcome | undefined
    if (status !== 'done' || outcome === undefined || this.#roster.stage(handle)?.kind === 'archived') return
    if (outcome.kind === 'landed') this.#roster.recallEnd(handle, { kind: 'merged', commit: outcome.commit }, endedAt)
    else this.#roster.recallEnd(handle, { kind: 'archived', reason: outcome.reason }, endedAt)
  }

  #recallCleanup({ input, output, endedAt = 0 }: RunRecord): void {
    const { task, reason } = input as CleanupInput
    const isCurrent = this.#roster.record(task.handle)?.input.createdAt === task.createdAt
    if (isCurrent && (output as CleanupOutcome | undefined)?.kind === 'removed')
      this.#roster.recallEnd(task.handle, { kind: 'archived', reason }, endedAt)
  }

  /** The run of an attempt or a part that cannot be repeated tells nobody: its task would wait for it for ever. */
  async #tellOfFailure({ runId, input }: Pick<TaskRecord, 'runId' | 'input'>): Promise<void> {
    const leader = leaderOf(input)
    const run = leader === undefined ? undefined : this.#engine.get(runId)
    if (leader === undefined || run?.status !== 'failed' || this.#engine.get(leader) === undefined) return
    const standing = { kind: 'stuck', code: run.failure?.code ?? 'run-failed', reason: run.failure?.message ?? 'its run failed' } as const
    await this.#engine.send(leader, NEWS, newsOf(input, standing), `failure of ${runId}`)
  }

  /** Why the queue stood still was known to the last daemon only: this one tries anew, and says so if it comes to the same. */
  async #tellOfQueue({ runId, input }: TaskRecord): Promise<void> {
    const stage = this.#roster.stage(input.handle)
    if (stage?.kind !== 'waiting-to-land' || stage.stopped === undefined) return
    await this.#engine.send(runId, NEWS, { kind: 'queue-goes-on' }, `queue ${randomUUID()}`)
  }

  async #tellOfNeeds({ runId, input }: TaskRecord): Promise<void> {
    for (const task of input.task.needs) {
      const handle = `${input.project}.${task}`
      if (this.#roster.stage(handle)?.kind !== 'merged') continue
      await this.#engine.send(runId, NEWS, { kind: 'need-ended', task }, `need ${this.#roster.record(handle)?.runId} of an earlier daemon`)
    }
  }
}
