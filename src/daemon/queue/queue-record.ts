import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import { type Home, projectFolder } from '../../config/home.ts'
import type { RunFacts } from '../../workflows/services.ts'

const Record = v.object({
  isPaused: v.optional(v.boolean(), false),
  landed: v.optional(v.number(), 0),
  sentBack: v.optional(v.number(), 0),
  /** Of the last whole runs, in milliseconds, newest last. */
  suiteMs: v.optional(v.array(v.number()), []),
})
type Record = v.InferOutput<typeof Record>

const EMPTY: Record = { isPaused: false, landed: 0, sentBack: 0, suiteMs: [] }
const KEPT_TIMES = 10

/** What outlives the daemon of each project's queue and is in no run: the pause, and the experience that estimates are made from. */
export class QueueRecord {
  readonly #home: Home
  readonly #records = new Map<string, Record>()

  constructor(home: Home) {
    this.#home = home
    for (const project of listProjects(home)) this.#records.set(project, load(fileOf(home, project)))
  }

  isPaused(project: string): boolean {
    return this.#of(project).isPaused
  }

  async setPaused(project: string, isPaused: boolean): Promise<void> {
    await this.#keep(project, { ...this.#of(project), isPaused })
  }

  history(project: string): { landed: number; sentBack: number } {
    const { landed, sentBack } = this.#of(project)
    return { landed, sentBack }
  }

  /** Median of the last whole runs, in milliseconds. */
  suiteMs(project: string): number | undefined {
    const times = this.#of(project).suiteMs.toSorted((a, b) => a - b)
    return times[Math.floor(times.length / 2)]
  }

  async noteBatch(project: string, batch: { landed: number; sentBack: number; runs: readonly RunFacts[] }): Promise<void> {
    const known = this.#of(project)
    const whole = batch.runs.filter(({ scope, outcome, isCached }) => scope === 'all' && outcome === 'passed' && !isCached)
    await this.#keep(project, {
      ...known,
      landed: known.landed + batch.landed,
      sentBack: known.sentBack + batch.sentBack,
      suiteMs: [...known.suiteMs, ...whole.map(({ durationMs }) => Math.round(durationMs))].slice(-KEPT_TIMES),
    })
  }

  #of(project: string): Record {
    return this.#records.get(project) ?? EMPTY
  }

  async #keep(project: string, record: Record): Promise<void> {
    this.#records.set(project, record)
    await ensurePrivateDirectory(projectFolder(this.#home, project))
    await replaceFile(fileOf(this.#home, project), `${JSON.stringify(record)}\n`)
  }
}

function fileOf(home: Home, project: string): string {
  return join(projectFolder(home, project), 'queue.json')
}

function listProjects(home: Home): string[] {
  try {
    return readdirSync(join(home.root, 'projects'))
  } catch {
    return []
  }
}

/** A file that cannot be read has nothing that cannot be said again. */
function load(path: string): Record {
  try {
    return v.parse(Record, JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return EMPTY
  }
}
