import { type Standing, standingOf } from '../../domain/attempts/standing.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Run } from '../../ports/engine.ts'
import { NEWS } from '../news.ts'
import { sendIfKnown } from '../send-if-known.ts'
import type { TaskInput } from '../task-input.ts'

/** Tells the task of an attempt how that one stands, each time that it changes. Of what is no attempt it tells nothing. */
export class AttemptReport {
  readonly #run: Run
  readonly #of: TaskInput['attemptOf']
  #begunAt: number | undefined
  #verdict: { readonly commit: string; readonly isReal: boolean; readonly summary: string } | undefined
  #told: Standing = { kind: 'working' }

  constructor(run: Run, input: TaskInput) {
    this.#run = run
    this.#of = input.attemptOf
  }

  noteVerdict(commit: string, isReal: boolean, summary: string): void {
    this.#verdict = { commit, isReal, summary }
  }

  async staged(stage: Stage, at: number): Promise<void> {
    if (this.#of === undefined) return
    if (stage.kind === 'in-session') this.#begunAt ??= at
    const standing = standingOf(stage, { verdict: this.#verdict, elapsedMs: at - (this.#begunAt ?? at) })
    if (JSON.stringify(standing) === JSON.stringify(this.#told)) return
    this.#told = standing
    await sendIfKnown(this.#run, this.#of.run, NEWS, { kind: 'attempt', number: this.#of.number, standing })
  }
}
