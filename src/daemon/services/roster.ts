import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Status } from '../../domain/tasks/task-status.ts'
import type { Home } from '../../config/home.ts'
import type { TaskOverlap, TaskStatus } from '../../protocol/task-status.ts'
import type { Roster as RosterPort, TaskNote } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { leaderOf } from '../attempts/leader.ts'
import { StatusFiles } from './status-files.ts'
import { addMessage, ownCostUsd, revive, reviveSafely, toStatus, type SessionReport, type TaskEntry } from './task-entry.ts'
import type { TaskRecord } from './task-record.ts'

const QUIET: ReadonlySet<Status> = new Set(['Merged', 'Archived'])

/** All tasks of this home: what their runs and sessions report, and what people see of it. */
export class Roster implements RosterPort {
  readonly #files: StatusFiles
  readonly #entries = new Map<string, TaskEntry>()
  /** Of tasks whose own file could not be read. */
  readonly #strayStatuses = new Map<string, TaskStatus>()
  readonly #listeners = new Set<(status: TaskStatus) => void>()
  #isReplaying = false
  readonly #replayed = withResolvers()

  constructor(home: Home) {
    this.#files = new StatusFiles(home, this.#entries)
  }

  /** Reads what earlier daemons left; live runs then say where they stand. */
  async load(): Promise<void> {
    for await (const { handle, record, status } of this.#files.load()) {
      if (record !== undefined) this.#entries.set(handle, reviveSafely(record, status))
      else if (status !== undefined) this.#strayStatuses.set(handle, status)
    }
    this.#isReplaying = true
  }

  /** Until then people see what the last daemon wrote: a replay passes through everything that ever was. */
  endReplay(): void {
    this.#isReplaying = false
    this.#replayed.resolve()
    for (const [handle, entry] of this.#entries) if (JSON.stringify(toStatus(entry)) !== JSON.stringify(entry.status)) this.#refresh(handle)
  }

  /** How the task's run ended, from the journal: the file may have been written before that. */
  recallEnd(handle: string, stage: Stage, at: number): void {
    const entry = this.#entries.get(handle)
    // A failure may be another one than that which was shown.
    if (entry === undefined || (entry.stage.kind === stage.kind && stage.kind !== 'failed')) return
    this.#update(handle, (one) => {
      one.stage = stage
      one.stageAt = at
      if (stage.kind === 'merged') one.note = { ...one.note, landedAs: stage.commit }
    })
  }

  /** Makes the task known before its run starts. */
  async enrol(record: TaskRecord): Promise<void> {
    await this.#files.keepRecord(record)
    this.#entries.set(record.input.handle, revive(record, undefined))
    this.#refresh(record.input.handle)
  }

  /** A task whose file was lost; the journal still has it. Answers whether it was missing. */
  adopt(record: TaskRecord): boolean {
    const { handle } = record.input
    if (this.#entries.has(handle)) return false
    this.#entries.set(handle, reviveSafely(record, this.#strayStatuses.get(handle)))
    this.#refresh(handle)
    return true
  }

  record(handle: string): TaskRecord | undefined {
    return this.#entries.get(handle)?.record
  }

  records(): TaskRecord[] {
    return [...this.#entries.values()].map((entry) => entry.record)
  }

  stage(handle: string): Stage | undefined {
    return this.#entries.get(handle)?.stage
  }

  status(handle: string): TaskStatus | undefined {
    return this.#entries.get(handle)?.status
  }

  statuses(): TaskStatus[] {
    return [...this.#entries.values()].map((entry) => entry.status)
  }

  onChange(listener: (status: TaskStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when the files say what memory says now: who was told of a change and then reads the files finds it there. */
  async written(): Promise<void> {
    await this.#files.written()
  }

  /** The same at once, for an answer that somebody waits for. */
  async writeNow(): Promise<void> {
    await this.#files.writeNow()
  }

  setStage(input: TaskInput, stage: Stage, at: number): void {
    const before = this.#entries.get(input.handle)?.stage.kind
    this.#update(input.handle, (entry) => {
      entry.stage = stage
      entry.stageAt = at
      entry.isStageDirty = true
    })
    if (before !== stage.kind && [before, stage.kind].some(isGivenUp)) this.#refreshDependents(input)
  }

  setAttempt(input: TaskInput, attempt: number): void {
    this.#update(input.handle, (entry) => {
      entry.attempt = attempt
    })
  }

  setSession(handle: string, session: SessionReport): void {
    this.#update(handle, (entry) => {
      entry.session = session
    })
  }

  /** Only what is news: whoever listens hears of every change. */
  setOverlaps(handle: string, overlaps: readonly TaskOverlap[]): void {
    if (JSON.stringify(this.#entries.get(handle)?.overlaps) === JSON.stringify(overlaps)) return
    this.#update(handle, (entry) => {
      entry.overlaps = overlaps
    })
  }

  note(input: TaskInput, facts: TaskNote): void {
    this.#update(input.handle, (entry) => {
      entry.note = { ...entry.note, ...facts }
      if (facts.message !== undefined) addMessage(entry, facts.message)
    })
  }

  async needs(project: string, tasks: readonly string[]): Promise<{ pending: readonly string[]; failed: readonly string[] }> {
    if (this.#isReplaying) await this.#replayed.promise
    return this.#openNeeds(project, tasks)
  }

  #openNeeds(project: string, tasks: readonly string[]): { pending: readonly string[]; failed: readonly string[] } {
    const open = tasks
      .map((task) => ({ task, handle: `${project}.${task}` }))
      .filter(({ handle }) => this.#entries.has(handle) && !this.hasLanded(handle))
    const stages = open.map(({ task, handle }) => ({ task, stage: this.#entries.get(handle)?.stage.kind }))
    return {
      // Tested work that waits for a clean checkout can be built upon already.
      pending: stages.filter(({ stage }) => stage !== 'landing-held').map(({ task }) => task),
      failed: stages.filter(({ stage }) => isGivenUp(stage)).map(({ task }) => task),
    }
  }

  /** Also when it was cleaned up since. */
  hasLanded(handle: string): boolean {
    const entry = this.#entries.get(handle)
    return entry?.stage.kind === 'merged' || (entry?.stage.kind === 'archived' && entry.note.landedAs !== undefined)
  }

  dependents(project: string, task: string): readonly string[] {
    return [...this.#entries.values()]
      .filter(
        ({ record, status }) => record.input.project === project && record.input.task.needs.includes(task) && !QUIET.has(status.status),
      )
      .map(({ record }) => record.runId)
  }

  close(): Promise<void> {
    return this.writeNow()
  }

  #update(handle: string, change: (entry: TaskEntry) => void): void {
    const entry = this.#entries.get(handle)
    if (entry === undefined) return
    change(entry)
    this.#refresh(handle)
  }

  #refresh(handle: string): void {
    const entry = this.#entries.get(handle)
    if (entry === undefined || this.#isReplaying) return
    entry.status = toStatus({ ...entry, stage: this.#stageNow(entry), note: this.#noteNow(entry), attemptsUsd: this.#attemptsUsd(entry) })
    entry.isDirty = true
    for (const listener of this.#listeners) listener(entry.status)
    this.#files.writeSoon()
    const { attemptOf, part } = entry.record.input
    const above = attemptOf?.task ?? part?.feature
    if (above !== undefined && this.#isCostStale(above)) this.#refresh(above)
  }

  /** What its attempts and parts have cost so far counts for the task. */
  #attemptsUsd({ record: { input, runId } }: TaskEntry): number {
    let sum = 0
    const departments = input.feature?.departments ?? []
    for (const inner of [...(input.contest?.attempts ?? []).map(({ number }) => number), ...departments.map(({ name }) => name)]) {
      const entry = this.#entries.get(`${input.handle}.${inner}`)
      if (entry !== undefined && leaderOf(entry.record.input) === runId) sum += ownCostUsd(entry)
    }
    return sum
  }

  /** What the proposed or taken attempt, or the integration, says of its work is what the task has to show. */
  #noteNow({ note, record: { input } }: TaskEntry): TaskNote {
    const inner = note.contest?.taken ?? note.contest?.proposed ?? (input.feature?.phases.integration === true ? 'integration' : undefined)
    const shown = inner === undefined ? undefined : this.#entries.get(`${input.handle}.${inner}`)?.note
    if (shown === undefined) return note
    const { lastCommit, uncommitted, checkpoint, verdict } = shown
    return {
      ...note,
      ...(lastCommit && { lastCommit }),
      ...(uncommitted !== undefined && { uncommitted }),
      ...(checkpoint && { checkpoint }),
      ...(verdict && { verdict }),
    }
  }

  #isCostStale(handle: string): boolean {
    const entry = this.#entries.get(handle)
    return entry !== undefined && entry.status.costUsd !== ownCostUsd(entry) + this.#attemptsUsd(entry)
  }

  /** Which of the needs failed is true of this moment, not of the one at which the run last looked. */
  #stageNow({ stage, record }: TaskEntry): Stage {
    if (stage.kind !== 'waiting-for-needs') return stage
    const stageOf = (need: string): Stage['kind'] | undefined => this.#entries.get(`${record.input.project}.${need}`)?.stage.kind
    const failed = stage.needs.filter((need) => isGivenUp(stageOf(need)) && !this.hasLanded(`${record.input.project}.${need}`))
    return { ...stage, failed, abandoned: failed.filter((need) => stageOf(need) === 'archived') }
  }

  #refreshDependents({ project, task }: TaskInput): void {
    for (const [handle, { record, stage }] of this.#entries) {
      if (stage.kind === 'waiting-for-needs' && record.input.project === project && stage.needs.includes(task.id)) this.#refresh(handle)
    }
  }
}

function isGivenUp(stage: Stage['kind'] | undefined): boolean {
  return stage === 'failed' || stage === 'archived'
}
