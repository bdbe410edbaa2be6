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
    const batch: Batch = { id, input, startedAt, work, runs: [], settled: new Set(), landing: new Set(), endedAt: undefined }
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

  beginLanding(id: string, entries: readonly string[]): void {
    const batch = this.#open.get(id)
    if (batch !== undefined) batch.landing = new Set(entries)
  }

  isLanding(entry: string): boolean {
    return this.with(entry)?.landing.has(entry) === true
  }

  landingEnded(id: string): void {
    const batch = this.#open.get(id)
    if (batch !== undefined) batch.landing = new Set()
  }

  isSettled(entry: string): boolean {
    return [...this.#open.values(), ...this.#ended].some(({ settled }) => settled.has(entry))
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
