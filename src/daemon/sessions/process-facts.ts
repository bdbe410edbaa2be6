import { costUsd } from '../../domain/sessions/prices.ts'
import type { SessionFacts } from '../../domain/sessions/session-facts.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Budget } from './session-watch.ts'

/** By task, then by process: what is known of each, also of those that ended. */
export class ProcessFacts {
  readonly #facts = new Map<string, Map<string, SessionFacts>>()

  of(handle: string): Map<string, SessionFacts> {
    const known = this.#facts.get(handle) ?? new Map<string, SessionFacts>()
    this.#facts.set(handle, known)
    return known
  }

  forget(handle: string): void {
    this.#facts.delete(handle)
  }

  budgetOf({ handle, settings }: TaskInput, process: string): Budget | undefined {
    if (settings.budgetUsd === undefined) return undefined
    const others = (): [string, SessionFacts][] => [...this.of(handle)].filter(([each]) => each !== process)
    return { usd: settings.budgetUsd, spentBefore: () => others().reduce((sum, [, facts]) => sum + costUsd(facts.ledger), 0) }
  }
}
