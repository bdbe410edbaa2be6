import { age } from '../../../foundation/text.ts'
import { elapsed } from '../../../protocol/urgency.ts'

/** Says ages as of one moment, and after how long the first of those it has said is another. */
export class AgeClock {
  /** In milliseconds; infinite while no age was said. */
  changesIn = Infinity
  readonly #now: number

  constructor(now: number) {
    this.#now = now
  }

  of(iso: string): string {
    const since = Math.max(0, elapsed(iso, this.#now))
    const step = STEPS.find(([below]) => since < below)?.[1] ?? DAY
    const changesIn = step - (since % step)
    this.changesIn = Math.min(this.changesIn, step === SECOND ? changesIn : Math.max(changesIn, TOGETHER_MS))
    return age(since)
  }
}

/** Minutes and hours may be told so late, so that those of fifty sessions are told together. */
const TOGETHER_MS = 5000
const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000] as const
/** As `age` counts: so long in units of this. */
const STEPS = [
  [MINUTE, SECOND],
  [HOUR, MINUTE],
  [2 * DAY, HOUR],
] as const
