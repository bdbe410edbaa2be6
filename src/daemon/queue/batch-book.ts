import type { Clock } from '../../platform/clock.ts'
import type { BatchInput } from '../../workflows/queue/batch-input.ts'
import type { BatchWork } from '../../workflows/services.ts'
import type { Batch } from './lane.ts'

const KEPT = 50

/** The batches at work and the last that ended, as their runs tell of them. */
export class BatchBook {
  readonly #clock: Clock
  readonly #open = new Map<string, Batch>()
  readonly #ended: Batch[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Undefined when it is known already: a replay says it again. */
  begin(id: string, input: BatchInput): Batch | undefined {
    if (this.#open.has(id)) return undefined
    const startedAt = this.#clock.now()
    const work = { kind: 'planning' } as const
    const batch: Batch = { id, input, startedAt, work, runs: [], withdrawn: new Set(), landing: new Set(), endedAt: undefined }
    this.#open.set(id, batch)
    return batch
  }

  get(id: string): Batch | undefined {
    return this.#open.get(id)
  }

  /** That is at work with this entry. */
  with(entry: string): Batch | undefined {
    return [...this.#open.values()].find(({ input }) => input.offers.some((offer) => offer.entry.id === entry))
  }

  noteStep(id: string, work: BatchWork): void {
    const batch = this.#open.get(id)
    if (batch !== undefined) batch.work = work
  }

  /** Those that were taken out: then nothing lands. */
  beginLanding(id: string, entries: readonly string[]): readonly string[] {
    const batch = this.#open.get(id)
    if (batch === undefined) return []
    const gone = entries.filter((entry) => batch.withdrawn.has(entry))
    if (gone.length === 0) batch.landing = new Set(entries)
    return gone
  }

  landingEnded(id: string): void {
    const batch = this.#open.get(id)
    if (batch !== undefined) batch.landing = new Set()
  }

  end(id: string): Batch | undefined {
    const batch = this.#open.get(id)
    if (batch === undefined) return undefined
    this.#open.delete(id)
    batch.endedAt = this.#clock.now()
    this.#ended.push(batch)
    if (this.#ended.length > KEPT) this.#ended.shift()
    return batch
  }

  /** At work or ended since then. */
  since(project: string, since: number): Batch[] {
    const all = [...this.#ended, ...this.#open.values()].filter(({ input }) => input.project === project)
    return all.filter(({ startedAt, endedAt }) => startedAt >= since || endedAt === undefined || endedAt >= since)
  }
}
