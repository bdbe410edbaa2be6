import type { OverlapFact } from '../../domain/radar/overlap-fact.ts'
import { overlapsKey, partsOverlaps } from '../../domain/radar/parts-overlap.ts'
import type { News } from '../../workflows/news.ts'
import type { Roster } from '../services/roster.ts'

export interface FeatureOverlapsParts {
  readonly roster: Pick<Roster, 'records' | 'stage'>
  readonly tell: (runId: string, news: News, key: string) => Promise<void>
  readonly newId: () => string
  readonly logError: (error: unknown) => void
}

/**
 * Tells each feature what its parts' worktrees conflict in, all of it at once and only when it has changed. What a daemon told before it died is not
 * known to the next one, which tells how things stand once more.
 */
export class FeatureOverlaps {
  readonly #parts: FeatureOverlapsParts
  /** What was told last, by the feature's run. */
  readonly #told = new Map<string, string>()

  constructor(parts: FeatureOverlapsParts) {
    this.#parts = parts
  }

  /** After each look at a project. */
  report(project: string, facts: readonly OverlapFact[]): void {
    const { roster, tell, newId, logError } = this.#parts
    const records = roster.records().filter(({ input }) => input.project === project)
    for (const { input, runId } of records) {
      const stage = roster.stage(input.handle)?.kind
      if (input.feature === undefined || stage === 'merged' || stage === 'archived') continue
      const handles = new Set(records.filter((record) => record.input.part?.run === runId).map((record) => record.input.handle))
      const pairs = partsOverlaps(facts, handles)
      const key = overlapsKey(pairs)
      if (this.#told.get(runId) === key) continue
      this.#told.set(runId, key)
      tell(runId, { kind: 'overlaps', pairs }, `overlaps ${newId()}`).catch((error: unknown) => {
        // Told with the next look.
        this.#told.delete(runId)
        logError(error)
      })
    }
  }
}
