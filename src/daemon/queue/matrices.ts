import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { TestAllResponse, TestVerdict } from '../../protocol/responses.ts'

const KEPT = 20

/** What people asked to be tested and how far it is. Answers to their question only: what was found out is in the results. */
export class Matrices {
  readonly #matrices = new Map<string, TestAllResponse>()
  readonly #closing = new AbortController()
  #changed = withResolvers()

  get signal(): AbortSignal {
    return this.#closing.signal
  }

  begin(first: TestAllResponse): void {
    this.#matrices.set(first.id, first)
    const [oldest] = this.#matrices.keys()
    if (this.#matrices.size > KEPT && oldest !== undefined) this.#matrices.delete(oldest)
  }

  /** An empty name: all of them merged. */
  note(id: string, name: string, verdict: TestVerdict): void {
    const known = this.#matrices.get(id)
    if (known === undefined) return
    const rows = known.rows.map((row) => (row.name === name ? { ...row, alone: verdict } : row))
    const merged = name === '' ? verdict : known.merged
    const isDone = [merged, ...rows.map(({ alone }) => alone)].every(({ outcome }) => outcome !== 'running' && outcome !== 'waiting')
    this.#matrices.set(id, { ...known, rows, merged, isDone })
    this.#changed.resolve()
    this.#changed = withResolvers()
  }

  /** Nothing more can be found out. */
  fail(id: string, error: unknown): void {
    const stopped: TestVerdict = { outcome: 'stopped', summary: error instanceof Error ? error.message : String(error) }
    for (const name of ['', ...(this.#matrices.get(id)?.rows ?? []).map((row) => row.name)]) this.note(id, name, stopped)
  }

  get(id: string): TestAllResponse | undefined {
    return this.#matrices.get(id)
  }

  changed(): Promise<void> {
    return this.#changed.promise
  }

  close(): void {
    this.#closing.abort()
  }
}
