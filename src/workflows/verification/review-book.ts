import type { PassOver, ReviewFacts } from '../../domain/verification/readiness.ts'
import { isApproved, objections } from '../../domain/verification/readiness.ts'
import type { ReviewVerdict } from '../../domain/verification/verdict.ts'
import type { ReviewNote } from '../services.ts'
import type { ReviewOutcome } from '../team-services.ts'

/** Everything that one task's run has heard of reviews of its work. The same at every replay. */
export class ReviewBook {
  /** How often findings went back to the author since the person last decided. */
  rounds = 0
  /** How often the person was asked. */
  questions = 0
  readonly #verdicts: ReviewVerdict[] = []
  readonly #passedOver: PassOver[] = []
  /** By commit. */
  readonly #required = new Map<string, readonly string[]>()
  /** US dollars: of verdicts, and of reviews that came to none. */
  readonly #costs = new Map<string, number>()
  #lostUsd = 0

  require(commit: string, by: readonly string[]): void {
    this.#required.set(commit, by)
  }

  /** Those that ever found something that must not land. */
  get objected(): readonly string[] {
    return [...new Set(this.#verdicts.filter(({ findings }) => findings.some(({ severity }) => severity === 'must')).map(({ by }) => by))]
  }

  note(outcomes: readonly ReviewOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') this.#lostUsd += outcome.costUsd ?? 0
      if (outcome.kind !== 'verdict') continue
      const { verdict, costUsd } = outcome
      this.#costs.set(`${verdict.commit} ${verdict.by}`, costUsd)
      if (!this.#verdicts.some(({ commit, by }) => commit === verdict.commit && by === verdict.by)) this.#verdicts.push(verdict)
    }
  }

  passOver(commit: string): void {
    for (const by of this.#required.get(commit) ?? []) this.#passedOver.push({ commit, by })
  }

  facts(commit: string): ReviewFacts {
    return { required: this.#required.get(commit) ?? [], verdicts: this.#verdicts, passedOver: this.#passedOver }
  }

  verdictsOf(commit: string): readonly ReviewVerdict[] {
    return this.#verdicts.filter((verdict) => verdict.commit === commit)
  }

  /** About other commits than this one, oldest first. */
  earlierThan(commit: string): readonly ReviewVerdict[] {
    return this.#verdicts.filter((verdict) => verdict.commit !== commit)
  }

  /** Whether exactly this commit has been through its reviews. */
  hasApproved(commit: string): boolean {
    return this.#required.has(commit) && isApproved(commit, this.facts(commit))
  }

  /** For people. */
  summary(commit: string, outcomes: readonly ReviewOutcome[], at: number): ReviewNote {
    const objecting = new Set(objections(commit, this.facts(commit)).map(({ by }) => by))
    const verdicts = outcomes.flatMap((outcome): ReviewNote['verdicts'] => {
      if (outcome.kind === 'stopped') return []
      if (outcome.kind === 'failed') {
        const isPassedOver = this.#passedOver.some((each) => each.commit === commit && each.by === outcome.by)
        return [{ by: outcome.by, commit, outcome: isPassedOver ? 'passed-over' : 'failed', must: 0, summary: outcome.reason, at }]
      }
      const { by, findings, summary, at: judgedAt } = outcome.verdict
      const must = findings.filter(({ severity }) => severity === 'must').length
      return [
        { by, commit, outcome: must > 0 && !objecting.has(by) ? 'passed-over' : outcome.verdict.outcome, must, summary, at: judgedAt },
      ]
    })
    return { verdicts, costUsd: [...this.#costs.values()].reduce((sum, each) => sum + each, this.#lostUsd) }
  }
}
