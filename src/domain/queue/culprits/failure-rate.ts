/** Of things that were judged. */
export type Tally = { readonly good: number; readonly bad: number }

/** Worth twenty entries: one of twenty fails. With a tenth a batch with one bad entry takes a run more, and none takes less. */
const PRIOR: Tally = { good: 19, bad: 1 }
/** History may weigh no more than so many entries: what this batch shows counts too. */
const HISTORY_WEIGHT = 40
const LOWEST = 0.005
const HIGHEST = 0.6

/** The expected share of bad entries: mean of the Beta posterior of history and what this batch has shown so far. Never 0 or 1. */
export function expectedFailureRate(history: Tally, batch: Tally): number {
  const weight = Math.min(1, HISTORY_WEIGHT / Math.max(1, history.good + history.bad))
  const bad = PRIOR.bad + weight * history.bad + batch.bad
  const good = PRIOR.good + weight * history.good + batch.good
  return Math.min(HIGHEST, Math.max(LOWEST, bad / (bad + good)))
}
