import type { Finding, ReviewVerdict } from './verdict.ts'

/** Everything that was ever found out about a piece of work; only what speaks of the commit in question counts. */
export interface ReviewFacts {
  /** Names of the departments that must have judged it. */
  readonly required: readonly string[]
  /** Of each department and commit the first counts. */
  readonly verdicts: readonly ReviewVerdict[]
  /** What the person has passed over: the findings of a department, or that it gave no verdict. */
  readonly passedOver: readonly PassOver[]
}

export interface PassOver {
  readonly by: string
  readonly commit: string
}

/** Every department that must have judged it approves exactly this commit, or the person has passed over it. */
export function isApproved(commit: string, facts: ReviewFacts): boolean {
  return facts.required.every((name) => isPassedOver(commit, name, facts) || holds(verdictOf(commit, name, facts)) === false)
}

/** Those that keep the commit from being approved, by the department that says so. */
export function objections(commit: string, facts: ReviewFacts): readonly Objection[] {
  return facts.required
    .filter((name) => !isPassedOver(commit, name, facts))
    .flatMap((name) => verdictOf(commit, name, facts) ?? [])
    .map(({ by, summary, findings }) => ({ by, summary, findings: findings.filter(isMust) }))
    .filter(({ findings }) => findings.length > 0)
}

export interface Objection {
  readonly by: string
  readonly summary: string
  readonly findings: readonly Finding[]
}

/** Nobody judges their own work, whatever a verdict says. */
function verdictOf(commit: string, name: string, { verdicts }: ReviewFacts): ReviewVerdict | undefined {
  return verdicts.find((verdict) => verdict.commit === commit && verdict.by === name && verdict.of !== name)
}

function isPassedOver(commit: string, name: string, { passedOver }: ReviewFacts): boolean {
  return passedOver.some((each) => each.commit === commit && each.by === name)
}

/** Undefined while nothing is known. */
function holds(verdict: ReviewVerdict | undefined): boolean | undefined {
  return verdict?.findings.some(isMust)
}

function isMust({ severity }: Finding): boolean {
  return severity === 'must'
}
