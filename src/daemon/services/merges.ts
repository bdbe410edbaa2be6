import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import type { Merges as MergesPort } from '../../workflows/services.ts'

interface Merge extends Omit<MergeStart, 'entries'> {
  readonly entries: Map<string, MergeEntry>
}

export interface MergeStart extends Pick<MergeResponse, 'entries' | 'overlaps' | 'notes'> {
  readonly project: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

const KEPT = 200

/** What a person asked to merge and how far it is. Answers to their question only: the landing itself is durable in the tasks' runs. */
export class Merges implements MergesPort {
  readonly #merges = new Map<string, Merge>()
  #changed = withResolvers()
  /** Nothing more is to be expected of this one. */
  onEnded: (handle: string) => void = () => undefined

  begin(id: string, start: MergeStart): void {
    this.#merges.set(id, { ...start, entries: new Map(start.entries.map((entry) => [entry.handle, entry])) })
    const [oldest] = this.#merges.keys()
    if (this.#merges.size > KEPT && oldest !== undefined) this.#merges.delete(oldest)
  }

  report(id: string, entry: MergeEntry): void {
    this.#merges.get(id)?.entries.set(entry.handle, entry)
    if (entry.outcome !== 'running') this.onEnded(entry.handle)
    this.#changed.resolve()
    this.#changed = withResolvers()
  }

  get(id: string): (Omit<MergeResponse, 'runs' | 'suiteEquivalents'> & Pick<MergeStart, 'project' | 'at'>) | undefined {
    const merge = this.#merges.get(id)
    if (merge === undefined) return undefined
    const entries = [...merge.entries.values()]
    const { project, at, overlaps, notes } = merge
    return { id, isDone: entries.every((entry) => entry.outcome !== 'running'), entries, overlaps, notes, isDryRun: false, project, at }
  }

  /** Resolves at the next report of any merge. */
  changed(): Promise<void> {
    return this.#changed.promise
  }
}
