import { type Standing, standingOf } from '../../domain/attempts/standing.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Run } from '../../ports/engine.ts'
import { NEWS, type News } from '../news.ts'
import { sendIfKnown } from '../send-if-known.ts'
import type { TaskInput } from '../task-input.ts'

/** Tells the task of an attempt, and the feature of a part, how that one stands, each time that it changes. Of other tasks it tells nothing. */
export class AttemptReport {
  readonly #run: Run
  readonly #input: Pick<TaskInput, 'attemptOf' | 'part'>
  #begunAt: number | undefined
  #verdict: { readonly commit: string; readonly isReal: boolean; readonly summary: string } | undefined
  #told: Standing = { kind: 'working' }

  constructor(run: Run, input: TaskInput) {
    this.#run = run
    this.#input = input
  }

  noteVerdict(commit: string, isReal: boolean, summary: string): void {
    this.#verdict = { commit, isReal, summary }
  }

  async staged(stage: Stage, at: number): Promise<void> {
    const { attemptOf, part } = this.#input
    const leader = attemptOf?.run ?? part?.run
    if (leader === undefined) return
    if (stage.kind === 'in-session') this.#begunAt ??= at
    const standing = standingOf(stage, { verdict: this.#verdict, elapsedMs: at - (this.#begunAt ?? at) })
    if (JSON.stringify(standing) === JSON.stringify(this.#told)) return
    this.#told = standing
    await sendIfKnown(this.#run, leader, NEWS, newsOf(this.#input, standing))
  }
}

/** Whoever leads it hears this. */
export function newsOf({ attemptOf, part }: Pick<TaskInput, 'attemptOf' | 'part'>, standing: Standing): News {
  return attemptOf === undefined
    ? { kind: 'part', department: part?.department.name ?? '', standing }
    : { kind: 'attempt', number: attemptOf.number, standing }
}
