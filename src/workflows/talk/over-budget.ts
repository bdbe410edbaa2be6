import type { TaskLife } from '../life/task-life.ts'
import { held, type TalkEnd } from './talk-end.ts'

/** A new process may spend as much again: to say so is the person's part. */
export function overBudget(life: TaskLife, costUsd: number | undefined): TalkEnd {
  const budget = life.input.settings.budgetUsd
  const spent = costUsd === undefined ? '' : `: $${costUsd.toFixed(2)} spent`
  const reason = `the budget${budget === undefined ? '' : ` of $${budget.toFixed(2)}`} is used up${spent}`
  return held({ kind: 'unfinished', reason, code: 'over-budget' }, false)
}
