import { isAbsolute, join, relative } from 'node:path'
import type { SessionEvent, ToolWrites } from '../../domain/sessions/session-event.ts'
import { countRivals, partyName, type OverlapFact } from '../../domain/radar/overlap-fact.ts'
import { plainLine } from '../../foundation/text.ts'
import type { RadarReport } from '../../protocol/radar-report.ts'
import type { TaskOverlap, TaskStatus } from '../../protocol/task-status.ts'
import type { Overlaps } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import { FeatureOverlaps, type FeatureOverlapsParts } from './feature-overlaps.ts'
import { ProjectRadar, type RadarParts } from './project-radar.ts'

type RadarsParts = Omit<RadarParts, 'live' | 'publish' | 'report'>

/**
 * The radars of all projects. They follow the live tasks by what the roster and the sessions' records say; nothing waits for them, and what
 * fails here is logged and costs what it would have seen.
 */
export class Radars implements Overlaps {
  readonly #parts: RadarsParts
  readonly #features: FeatureOverlaps
  readonly #roster: Roster
  readonly #projects = new Map<string, ProjectRadar>()
  /** By tool use: what is written when it ends. */
  readonly #writing = new Map<string, ToolWrites>()
  /** Whose worktree is seen, with the status. */
  readonly #standing = new Map<string, string>()
  #isBegun = false
  #forget: () => void = () => undefined

  constructor(parts: RadarsParts & FeatureOverlapsParts & { readonly roster: Roster }) {
    this.#parts = parts
    this.#features = new FeatureOverlaps(parts)
    this.#roster = parts.roster
  }

  /** After the replay: what was in it is over. */
  begin(): void {
    this.#isBegun = true
    this.#forget = this.#roster.onChange((status) => this.#follow(status))
    for (const status of this.#roster.statuses()) this.#follow(status)
  }

  /** From a session's record, in its order. */
  hear(input: TaskInput, event: SessionEvent): void {
    if (!this.#isBegun) return
    if (event.type === 'tool-started' && event.writes !== undefined) this.#writing.set(`${input.handle} ${event.toolUseId}`, event.writes)
    if (event.type === 'tool-ended') this.#ended(input, `${input.handle} ${event.toolUseId}`)
    if (event.type !== 'turn-ended' && event.type !== 'exited') return
    for (const key of this.#writing.keys()) if (key.startsWith(`${input.handle} `)) this.#writing.delete(key)
    this.#projects.get(input.project)?.notice(input.handle, { kind: 'turn-ended' })
  }

  /** A fresh look at everything; of a project without live tasks too. */
  async sweep(project: string, repository: string): Promise<RadarReport> {
    return this.#projectOf(project, repository).sweep()
  }

  rivalsOf(handle: string, others: readonly string[]): number {
    return countRivals(
      [...this.#projects.values()].flatMap(({ facts }) => facts),
      handle,
      others,
    )
  }

  async close(): Promise<void> {
    this.#forget()
    this.#isBegun = false
    await Promise.all([...this.#projects.values()].map((radar) => radar.close()))
  }

  #follow(status: TaskStatus): void {
    const standing = isLive(status) ? `${status.worktree} ${status.status === 'Working'}` : ''
    const before = this.#standing.get(status.handle) ?? ''
    if (standing === before) return
    if (standing === '') {
      this.#standing.delete(status.handle)
      this.#roster.setOverlaps(status.handle, [])
    } else this.#standing.set(status.handle, standing)
    this.#projectOf(status.project, status.repository).wake()
  }

  #ended(input: TaskInput, key: string): void {
    const writes = this.#writing.get(key)
    this.#writing.delete(key)
    if (writes === undefined) return
    const radar = this.#projects.get(input.project)
    if (writes === 'anything') return radar?.notice(input.handle, { kind: 'may-have-written' })
    const file = isAbsolute(writes.file) ? writes.file : join(input.worktree, writes.file)
    for (const { handle, worktree } of this.#roster.statuses()) {
      const path = worktree === undefined ? '..' : relative(worktree, file)
      // A session may write where another one works.
      if (!path.startsWith('..')) radar?.notice(handle, { kind: 'wrote', path })
    }
    return undefined
  }

  #projectOf(project: string, repository: string): ProjectRadar {
    const known = this.#projects.get(project)
    if (known !== undefined) return known
    const made = new ProjectRadar(
      {
        ...this.#parts,
        live: (name) => this.#roster.statuses().filter((status) => status.project === name && isLive(status)),
        report: (about, facts) => this.#features.report(about, facts),
        publish: (handle, facts) => this.#roster.setOverlaps(handle, facts.map(toTaskOverlap)),
      },
      project,
      repository,
    )
    this.#projects.set(project, made)
    return made
  }
}

const SHOWN_FILES = 20

/** `fact` as its first side sees it. */
function toTaskOverlap({ one, other, files, fileCount, since, survived }: OverlapFact): TaskOverlap {
  return {
    with: plainLine(partyName(other.party)),
    isTarget: other.party.kind === 'target',
    files: files.slice(0, SHOWN_FILES).map(({ path }) => plainLine(path)),
    fileCount,
    since: new Date(since).toISOString(),
    survived,
    work: { own: one.work, other: other.work },
  }
}

/** A task of several attempts has no worktree of its own: theirs are looked at. */
function isLive({ worktree, status, contest }: TaskStatus): boolean {
  return contest === undefined && worktree !== undefined && status !== 'Merged' && status !== 'Archived'
}
