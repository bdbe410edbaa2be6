import type { BatchWork, RunFacts } from '../../workflows/services.ts'
import type { BatchInput } from '../../workflows/queue/batch-input.ts'
import { testedLike, type Offer } from '../../workflows/queue/offer.ts'

export interface Waiting {
  offer: Offer
  /** Order of arrival at this daemon; ties of priority and time go by it. */
  readonly number: number
  /** Why an earlier batch left it open. */
  note: string | undefined
  /** The batch that is at work with it. */
  batch: string | undefined
}

/** A batch that is at work, or was. */
export interface Batch {
  readonly id: string
  readonly input: BatchInput
  readonly startedAt: number
  work: BatchWork
  readonly runs: RunFacts[]
  /** Their runs have been told. */
  readonly settled: Set<string>
  /** Entries that are landing at this moment. */
  landing: ReadonlySet<string>
  endedAt: number | undefined
}

export interface Stop {
  readonly reason: string
  readonly kind: 'red-target' | 'failed' | 'no-progress'
  /** What the target was. */
  readonly at?: string
}

/** The queue of one target. */
export class Lane {
  readonly project: string
  readonly repository: string
  readonly target: string
  readonly waiting = new Map<string, Waiting>()
  batch: Batch | undefined
  /** Of those that are tested alike, why they stand still: a new entry, a moved target or a person starts them again. */
  readonly stopped = new Map<string, Stop>()

  constructor({ project, repository, target }: Pick<Offer, 'project' | 'repository' | 'target'>) {
    this.project = project
    this.repository = repository
    this.target = target
  }

  /** In the order in which their turn comes. */
  entries(): Waiting[] {
    return [...this.waiting.values()].sort((a, b) => compare(a, b))
  }

  /** Entries that are tested like this one. */
  like(key: string): Waiting[] {
    return this.entries().filter(({ offer }) => testedLike(offer) === key)
  }

  /** What lands together is taken together. */
  #isWhole({ mates = [] }: Offer): boolean {
    return mates.every((mate) => {
      const waiting = this.waiting.get(mate)
      return waiting !== undefined && waiting.batch === undefined
    })
  }

  /** The first that waits, with all that can be tested together with it and need nothing that cannot. */
  nextOffers(): Offer[] {
    const open = this.entries().filter(
      ({ batch, offer }) => batch === undefined && !this.stopped.has(testedLike(offer)) && this.#isWhole(offer),
    )
    const [first] = open
    if (first === undefined) return []
    let chosen = open.filter(({ offer }) => testedLike(offer) === testedLike(first.offer))
    for (;;) {
      const outside = new Set(open.filter((one) => !chosen.includes(one)).map(({ offer }) => offer.entry.name))
      const kept = chosen.filter(({ offer }) => !offer.entry.needs.some((need) => outside.has(need)))
      if (kept.length === chosen.length) return chosen.map(({ offer }) => offer)
      // What it needs is tested otherwise and comes first, if there is nothing else to do.
      if (kept.length === 0)
        return open
          .filter(({ offer }) => outside.has(offer.entry.name))
          .slice(0, 1)
          .map(({ offer }) => offer)
      chosen = kept
    }
  }
}

function compare(a: Waiting, b: Waiting): number {
  const [one, other] = [a.offer.entry, b.offer.entry]
  return other.priority - one.priority || one.at - other.at || a.number - b.number
}
