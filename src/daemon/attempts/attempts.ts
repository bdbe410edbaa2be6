import { join } from 'node:path'
import type { Sha } from '../../foundation/brand.ts'
import type { ContestFacts } from '../../domain/attempts/contest-facts.ts'
import { plainLine } from '../../foundation/text.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Engine } from '../../ports/engine.ts'
import type { Git } from '../../ports/git.ts'
import { contestsFolder, type Home } from '../../config/home.ts'
import type { Attempts as AttemptsPort } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { startTask } from '../requests/start-task.ts'
import type { Roster } from '../services/roster.ts'
import type { SessionRegistry } from '../sessions/session-registry.ts'
import { discardTask } from './discard-task.ts'
import { leaderOf } from './leader.ts'

export interface AttemptsParts {
  readonly home: Home
  readonly clock: Clock
  readonly engine: Engine
  readonly git: Git
  readonly roster: Roster
  readonly sessions: () => SessionRegistry
}

/** The sessions side by side of a task that has several, and the parts of a feature: each is a task of its own, known to all by its handle. */
export class Attempts implements AttemptsPort {
  readonly #parts: AttemptsParts

  constructor(parts: AttemptsParts) {
    this.#parts = parts
  }

  /** Its own earlier try, cut off by a crash, is found by the run it belongs to; an older task of that handle is not it. */
  async begin(input: TaskInput): Promise<string> {
    const { engine, roster, sessions } = this.#parts
    const known = roster.record(input.handle)
    if (known !== undefined && leaderOf(known.input) === leaderOf(input) && known.input.createdAt === input.createdAt) {
      await engine.start('task', known.input, { id: known.runId })
      return known.runId
    }
    if (known !== undefined) await discardTask(this.#parts, known.input, known.runId, 'begun anew')
    return startTask({ engine, roster, sessions: sessions() }, input)
  }

  async measure(input: TaskInput, base: string, commit: string): Promise<{ lines?: number; files?: number; costUsd: number }> {
    const repository = await this.#parts.git.open(input.repository)
    const { files: changes } = await repository.changes(base as Sha, commit as Sha)
    const lines = changes.reduce((sum, { added, removed }) => sum + added + removed, 0)
    return { lines, files: changes.length, costUsd: this.#parts.roster.status(input.handle)?.costUsd ?? 0 }
  }

  async end(input: TaskInput, run: string, reason: string): Promise<void> {
    await discardTask(this.#parts, input, run, reason)
    await this.#parts.sessions().stop(input)
  }

  /** One file a contest: `orch attempts --report` reads them. */
  async keep(input: TaskInput, contest: ContestFacts): Promise<void> {
    const folder = contestsFolder(this.#parts.home, input.project)
    await ensurePrivateDirectory(folder)
    const { handle, task, createdAt } = input
    const report = {
      schema: 1,
      handle,
      task: task.id,
      title: plainLine(task.title),
      createdAt: new Date(createdAt).toISOString(),
      costUsd: this.#parts.roster.status(handle)?.costUsd ?? 0,
      contest,
    }
    await replaceFile(join(folder, `${task.id}-${createdAt}.json`), `${JSON.stringify(report, undefined, 2)}\n`)
  }
}
