import { Turns } from '../../foundation/turns.ts'
import { lookFor, newcomer, notice, SWEEP_MS, type Attention, type Sign } from '../../domain/radar/attention.ts'
import { mergeFacts, seenBy, type Observation, type OverlapFact, type Party } from '../../domain/radar/overlap-fact.ts'
import type { Home } from '../../config/home.ts'
import type { Clock } from '../../platform/clock.ts'
import type { OpenRadar, RadarSource, Snapshot } from '../../ports/radar.ts'
import type { RadarReport } from '../../protocol/radar-report.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { RadarFile } from './radar-file.ts'
import { WorktreeWatch } from './worktree-watch.ts'

export interface RadarParts {
  readonly home: Home
  readonly clock: Clock
  readonly source: RadarSource
  /** Those that are live: with a worktree that has not landed or gone. */
  readonly live: (project: string) => readonly TaskStatus[]
  readonly publish: (handle: string, overlaps: readonly OverlapFact[]) => void
  /** All that was found, after each look. */
  readonly report: (project: string, facts: readonly OverlapFact[]) => void
  /** The option `radar` of the repository. */
  readonly isOn: (repository: string) => Promise<boolean>
  readonly logError: (error: unknown) => void
}

/** A burst of edits is one computation; and however long one takes, the radar rests four times as long. */
const REST_MS = 300
const REST_SHARE = 4

/** The radar of one project: which of its worktrees to look at when, and what is known of their overlaps. One computation at a time. */
export class ProjectRadar {
  readonly #parts: RadarParts
  readonly #project: string
  readonly #repository: string
  readonly #file: RadarFile
  readonly #members = new Map<string, Member>()
  readonly #turns = new Turns()
  readonly #closed = new AbortController()
  #facts: readonly OverlapFact[] = []
  #radar: OpenRadar | undefined
  #isDue = false
  #running: Promise<void> | undefined
  #sweeping: Promise<void> | undefined
  #isLoaded = false
  #tookMs = 0

  constructor(parts: RadarParts, project: string, repository: string) {
    this.#parts = parts
    this.#project = project
    this.#repository = repository
    this.#file = new RadarFile(parts.home, project)
  }

  get facts(): readonly OverlapFact[] {
    return this.#facts
  }

  notice(handle: string, sign: Sign): void {
    const member = this.#members.get(handle)
    if (member === undefined) return
    const { attention, due } = notice(member.attention, sign)
    member.attention = attention
    if (due === 'now') this.wake()
  }

  /** Something changed: looks soon, and as long as anyone is at work again after a while. */
  wake(): void {
    if (this.#closed.signal.aborted) return
    this.#isDue = true
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#complain(error))
      .finally(() => {
        this.#running = undefined
        if (this.#isDue) this.wake()
      })
    this.#sweeping ??= this.#sweepWhileAtWork()
      .catch((error: unknown) => this.#complain(error))
      .finally(() => (this.#sweeping = undefined))
  }

  /** Looks at everything now. */
  async sweep(): Promise<RadarReport> {
    return this.#turns.take(() => this.#compute(true))
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the radar was closed'))
    // What it is in the middle of ends with it: a hostile worktree could make it wait.
    await this.#radar?.close()
    await Promise.allSettled([this.#running, this.#sweeping])
    await this.#turns.take(() => this.#rest())
  }

  async #run(): Promise<void> {
    while (this.#isDue) {
      await this.#parts.clock.wait(Math.max(REST_MS, this.#tookMs * REST_SHARE), this.#closed.signal)
      this.#isDue = false
      await this.#turns.take(() => this.#compute(false))
    }
  }

  async #sweepWhileAtWork(): Promise<void> {
    while (this.#isAnyAtWork()) {
      await this.#parts.clock.wait(SWEEP_MS, this.#closed.signal)
      if (this.#isAnyAtWork()) await this.#turns.take(() => this.#compute(true))
    }
  }

  #isAnyAtWork(): boolean {
    return this.#parts.live(this.#project).some(({ status }) => status === 'Working')
  }

  async #compute(isSweep: boolean): Promise<RadarReport> {
    this.#closed.signal.throwIfAborted()
    if (!this.#isLoaded) this.#facts = (await this.#file.load())?.overlaps ?? []
    this.#isLoaded = true
    const live = this.#parts.live(this.#project)
    const isOn = await this.#parts.isOn(this.#repository)
    this.#enrol(isOn ? live : [])
    if (this.#members.size === 0) await this.#rest()
    const startedAt = performance.now()
    const snapshots = this.#members.size === 0 ? [] : await this.#look(isSweep)
    this.#tookMs = performance.now() - startedAt
    return this.#report(isOn, snapshots)
  }

  #enrol(live: readonly TaskStatus[]): void {
    const wanted = new Map(live.map((status) => [status.handle, status]))
    for (const [handle, member] of this.#members) {
      if (wanted.get(handle)?.worktree === member.path) continue
      member.watch.close()
      this.#members.delete(handle)
    }
    for (const { handle, worktree, target } of live) {
      if (worktree === undefined || this.#members.has(handle)) continue
      const watch = new WorktreeWatch(worktree, (sign) => this.notice(handle, sign))
      this.#members.set(handle, { handle, path: worktree, target, attention: newcomer(), watch })
    }
  }

  async #look(isSweep: boolean): Promise<readonly Snapshot[]> {
    this.#radar ??= await this.#parts.source.open(this.#repository, this.#parts.logError)
    const members = [...this.#members.values()]
    const now = this.#parts.clock.now()
    const before = members.map(({ attention }) => attention)
    const requests = members.map((member) => {
      const { changed, left } = lookFor(member.attention, now, isSweep)
      member.attention = left
      return { path: member.path, changed }
    })
    try {
      const snapshots = await this.#radar.snapshotWorktrees(requests)
      await this.#observe(this.#radar, members, snapshots)
      return snapshots
    } catch (error) {
      // What was to be looked at still is; signs that came meanwhile are kept by looking at everything.
      members.forEach((member, at) => (member.attention = { ...(before[at] ?? member.attention), whole: 'due' }))
      throw error
    }
  }

  async #observe(radar: OpenRadar, members: readonly Member[], snapshots: readonly Snapshot[]): Promise<void> {
    const targets = new Map<string, Target>()
    for (const name of new Set(members.map(({ target }) => target))) {
      const commit = await radar.tipOf(name)
      if (commit !== undefined) targets.set(name, { name, commit })
    }
    const seen = snapshots.flatMap((snapshot) => {
      const member = members.find(({ path }) => path === snapshot.path)
      return member === undefined ? [] : [{ member, snapshot }]
    })
    const found = await radar.overlaps(
      seen.map(({ member, snapshot: { path, commit } }) => {
        const target = targets.get(member.target)
        return { path, commit, ...(target !== undefined && { target }) }
      }),
    )
    const handleAt = new Map(seen.map(({ member }) => [member.path, member.handle]))
    this.#facts = mergeFacts(this.#facts, {
      at: this.#parts.clock.now(),
      parties: [
        ...seen.map(({ member, snapshot: { head, uncommitted } }): Side => {
          return { party: { kind: 'task', handle: member.handle }, head, uncommitted }
        }),
        ...[...targets.values()].map(({ name, commit }): Side => {
          return { party: { kind: 'target', branch: name }, head: commit, uncommitted: [] }
        }),
      ],
      overlaps: found.map(({ one, other, files, fileCount }) => {
        const party: Party =
          other.kind === 'target' ? { kind: 'target', branch: other.name } : { kind: 'task', handle: handleAt.get(other.path) ?? '' }
        return { one: handleAt.get(one) ?? '', other: party, files, fileCount }
      }),
    })
    for (const { member, snapshot } of seen) member.watch.follow(snapshot.gitFolder, snapshot.uncommitted)
  }

  async #report(isOn: boolean, snapshots: readonly Snapshot[]): Promise<RadarReport> {
    const partial = new Map(snapshots.map(({ path, isPartial }) => [path, isPartial]))
    const tasks = [...this.#members.values()].flatMap(({ handle, path }) => {
      const isPartial = partial.get(path)
      return isPartial === undefined ? [] : [{ handle, isPartial }]
    })
    const report = {
      schema: 1 as const,
      at: this.#parts.clock.now(),
      project: this.#project,
      repository: this.#repository,
      isOn,
      tasks,
      overlaps: this.#facts.map(toPlain),
    }
    await this.#file.save(report)
    for (const { handle } of this.#parts.live(this.#project))
      this.#parts.publish(
        handle,
        this.#facts.flatMap((fact) => seenBy(handle, fact) ?? []),
      )
    this.#parts.report(this.#project, this.#facts)
    return report
  }

  /** Nobody is there to be looked at: nothing is held. */
  async #rest(): Promise<void> {
    const radar = this.#radar
    this.#radar = undefined
    if (this.#isLoaded && this.#members.size === 0) this.#facts = []
    for (const { watch } of this.#members.values()) watch.close()
    this.#members.clear()
    await radar?.close()
  }

  #complain(error: unknown): void {
    if (!this.#closed.signal.aborted) this.#parts.logError(error)
  }
}

interface Member {
  readonly handle: string
  readonly path: string
  readonly target: string
  readonly watch: WorktreeWatch
  attention: Attention
}

type Side = Observation['parties'][number]
type Target = { readonly name: string; readonly commit: NonNullable<Awaited<ReturnType<OpenRadar['tipOf']>>> }

function toPlain(fact: OverlapFact): RadarReport['overlaps'][number] {
  return { ...fact, files: fact.files.map((file) => ({ ...file, hunks: [...file.hunks] })) }
}
