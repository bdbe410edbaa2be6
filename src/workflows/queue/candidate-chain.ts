import type { Sha } from '../../foundation/brand.ts'
import { invariant } from '../../foundation/invariant.ts'
import { entryTrailer } from '../../domain/queue/entry-trailer.ts'
import type { Unbuildable } from '../../domain/queue/hands.ts'
import type { Repository } from '../../ports/git.ts'
import { tickedBacklog } from '../landing/tick-backlog.ts'
import type { Link } from './evidence.ts'
import type { Offer } from './offer.ts'

type Candidate = { readonly kind: 'candidate'; readonly commit: Sha; readonly tree: Sha }

/** The candidates of one batch: entries merged one after the other. The same members in the same order give the same commit, now and after a crash. */
export class CandidateChain {
  readonly #batch: string
  readonly #offers: ReadonlyMap<string, Offer>
  readonly #at: number
  /** By base and members so far. */
  readonly #built = new Map<string, Promise<Candidate | Unbuildable>>()

  constructor(batch: string, offers: ReadonlyMap<string, Offer>, at: number) {
    this.#batch = batch
    this.#offers = offers
    this.#at = at
  }

  async build(repository: Repository, base: Sha, members: readonly string[]): Promise<Candidate | Unbuildable> {
    let tip: Candidate = { kind: 'candidate', commit: base, tree: await repository.treeOf(base) }
    for (let count = 1; count <= members.length; count += 1) {
      const before = tip
      const next = await this.#remember(keyOf(base, members.slice(0, count)), () =>
        this.#add(repository, base, before, members[count - 1] ?? ''),
      )
      if (next.kind === 'unbuildable') return next
      tip = next
    }
    return tip
  }

  async require(repository: Repository, base: Sha, members: readonly string[]): Promise<Candidate> {
    const built = await this.build(repository, base, members)
    invariant(built.kind === 'candidate', 'what was tested can be built again')
    return built
  }

  /** What each member brought, in merge order. */
  async links(repository: Repository, base: Sha, members: readonly string[]): Promise<Link[]> {
    await this.require(repository, base, members)
    const links: Link[] = []
    for (const [at, member] of members.entries()) {
      const [before, after] = [members.slice(0, at), members.slice(0, at + 1)]
      const { commit } = await this.require(repository, base, after)
      links.push({
        entry: this.#offer(member).entry,
        before: at === 0 ? base : (await this.require(repository, base, before)).commit,
        after: commit,
      })
    }
    return links
  }

  #offer(member: string): Offer {
    const offer = this.#offers.get(member)
    invariant(offer !== undefined, `${member} is not of this batch`)
    return offer
  }

  #remember(key: string, build: () => Promise<Candidate | Unbuildable>): Promise<Candidate | Unbuildable> {
    const known = this.#built.get(key)
    if (known !== undefined) return known
    const made = build()
    this.#built.set(key, made)
    made.catch(() => this.#built.delete(key))
    return made
  }

  async #add(repository: Repository, base: Sha, tip: Candidate, member: string): Promise<Candidate | Unbuildable> {
    const offer = this.#offer(member)
    const { entry, settings } = offer
    const verified = settings.steps.map((step) => step.name).join(', ')
    const built = await repository.buildCandidate({
      target: tip.commit,
      head: entry.head,
      strategy: settings.strategy,
      message: offer.subject,
      trailers: {
        ...offer.trailers,
        'Orch-Entry': entryTrailer(entry),
        ...(verified !== '' && { 'Orch-Verified': verified }),
        'Orch-Landing': `${this.#batch}.${base.slice(0, 10)}`,
      },
      edits: offer.tick === undefined ? {} : await tickedBacklog(repository, tip.commit, entry.head, offer.tick),
      at: this.#at,
    })
    return 'conflicts' in built ? { kind: 'unbuildable', member, files: built.conflicts } : { kind: 'candidate', ...built }
  }
}

function keyOf(base: Sha, members: readonly string[]): string {
  return [base, ...members].join('\n')
}
