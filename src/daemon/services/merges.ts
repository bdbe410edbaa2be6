import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { MergeResponse } from '../../protocol/responses.ts'
import type { Merges as MergesPort } from '../../workflows/services.ts'

interface Merge {
  readonly overlaps: MergeResponse['overlaps']
  readonly entries: Map<string, MergeEntry>
}

const KEPT = 200

/** What a person asked to merge and how far it is. Answers to their question only: the landing itself is durable in the tasks' runs. */
export class Merges implements MergesPort {
  readonly #merges = new Map<string, Merge>()
  #changed = withResolvers()

  begin(id: string, entries: readonly MergeEntry[], overlaps: MergeResponse['overlaps']): void {
    this.#merges.set(id, { overlaps, entries: new Map(entries.map((entry) => [entry.handle, entry])) })
    const [oldest] = this.#merges.keys()
    if (this.#merges.size > KEPT && oldest !== undefined) this.#merges.delete(oldest)
  }

  report(id: string, entry: MergeEntry): void {
    this.#merges.get(id)?.entries.set(entry.handle, entry)
    this.#changed.resolve()
    this.#changed = withResolvers()
  }

  get(id: string): MergeResponse | undefined {
    const merge = this.#merges.get(id)
    if (merge === undefined) return undefined
    const entries = [...merge.entries.values()]
    return { id, isDone: entries.every((entry) => entry.outcome !== 'running'), entries, overlaps: merge.overlaps, isDryRun: false }
  }

  /** Resolves at the next report of any merge. */
  changed(): Promise<void> {
    return this.#changed.promise
  }
}
