import type { AttemptFacts, ContestFacts } from '../../domain/attempts/contest-facts.ts'
import { type Measured, type Scored, scoreAttempts } from '../../domain/attempts/score.ts'
import { standingWords } from '../../domain/attempts/standing.ts'
import { type InnerTask, InnerTasks } from '../life/inner-tasks.ts'
import type { TaskLife } from '../life/task-life.ts'

export interface Entrant extends InnerTask {
  readonly number: number
}

/** The attempts that were begun, how they stand and how they compare. */
export class Entrants extends InnerTasks<Entrant> {
  #measured: readonly Measured[] = []
  #scores: readonly Scored[] = []
  #measuredAt = ''

  constructor(life: TaskLife) {
    super(life, ({ number }) => number)
  }

  get(number: number | undefined): Entrant | undefined {
    return this.all.find((entrant) => entrant.number === number)
  }

  /** The best first. Measured once for the same commits. */
  async rank(): Promise<readonly Scored[]> {
    const { run, services, base } = this.life
    const ready = this.all.flatMap((entrant) => {
      const standing = this.standing(entrant)
      return standing.kind === 'ready' ? [{ entrant, standing }] : []
    })
    const at = ready.map(({ entrant, standing }) => `${entrant.number} ${standing.commit}`).join(' ')
    if (at === this.#measuredAt) return this.#scores
    const sizes = await run.step('measure', () =>
      Promise.all(ready.map(({ entrant, standing }) => services.attempts.measure(entrant.input, base, standing.commit))),
    )
    this.#measured = ready.flatMap(({ entrant, standing }, index) => {
      const size = sizes[index]
      const { isValidated, elapsedMs } = standing
      return size === undefined ? [] : [{ number: entrant.number, isValidated, elapsedMs, ...size }]
    })
    this.#scores = scoreAttempts(this.#measured)
    this.#measuredAt = at
    return this.#scores
  }

  scoreOf(number: number): number | undefined {
    return this.#scores.find((scored) => scored.number === number)?.score
  }

  /** `whys`: what became of each, where that is decided. */
  facts(more: Omit<ContestFacts, 'attempts'>, whys: ReadonlyMap<number, string> = new Map()): ContestFacts {
    return { ...more, attempts: this.all.map((entrant) => this.#factsOf(entrant, whys.get(entrant.number))) }
  }

  #factsOf(entrant: Entrant, why: string | undefined): AttemptFacts {
    const { number, input } = entrant
    const standing = this.standing(entrant)
    const score = this.scoreOf(number)
    const measured = this.#measured.find((each) => each.number === number)
    const { model } = input.settings
    return {
      number,
      handle: input.handle,
      branch: input.branch,
      ...(model !== undefined && { model }),
      standing: standing.kind,
      reason: why ?? standingWords(standing),
      ...(score !== undefined && { score }),
      ...(measured?.lines !== undefined && { lines: measured.lines }),
      ...(measured?.files !== undefined && { files: measured.files }),
      ...(measured !== undefined && { costUsd: measured.costUsd, elapsedMs: measured.elapsedMs }),
    }
  }
}
