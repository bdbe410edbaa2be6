import { failureCode } from '../../foundation/failure.ts'
import type { Breakage, EntryOutcome } from '../../domain/queue/entry.ts'
import { breakageWords, unrelatedNext } from '../../domain/queue/breakage-words.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import type { Engine, Json, Run } from '../../ports/engine.ts'
import { landHeld } from '../landing/land-held.ts'
import { NEWS, type News } from '../news.ts'
import type { Services } from '../services.ts'
import { prioritised, validatedBy, type Offer } from './offer.ts'
import { isOut } from './withdrawal.ts'

export type EntryInput = {
  readonly offer: Offer
  /** The question of the person who hears of it. */
  readonly merge: string
  /** The branch is orch's own and goes when it has landed. */
  readonly isTemporary?: boolean
} & { readonly [key: string]: Json | undefined }

export function defineEntry(engine: Engine, services: Services): void {
  engine.workflow('entry', (run, input: EntryInput) => {
    services.recallEnded()
    return new BranchEntry(run, input, services).follow()
  })
}

/** How it ended: what the person who offered it is told, without its name. */
export type EntryReport = MergeEntry extends infer T ? (T extends unknown ? Omit<T, 'handle' | 'branch'> : never) : never
type Settled = Exclude<EntryOutcome, { kind: 'requeued' }>

/** A branch that is no task's: it waits in the queue, and nobody mends it but the person who offered it. */
class BranchEntry {
  readonly #run: Run
  readonly #services: Services
  /** Questions of people who hear of it. */
  readonly #merges: Set<string>
  readonly #isTemporary: boolean
  #offer: Offer

  constructor(run: Run, { offer, merge, isTemporary = false }: EntryInput, services: Services) {
    this.#run = run
    this.#services = services
    this.#merges = new Set([merge])
    this.#isTemporary = isTemporary
    this.#offer = { ...offer, run: run.id }
  }

  /** However it ends, what it offered waits no more: nobody would hear what became of it. */
  async follow(): Promise<EntryReport> {
    try {
      return await this.#untilEnded()
    } finally {
      this.#services.queue.forget(this.#offer.entry.id)
      this.#services.queue.held(this.#run.id, undefined)
    }
  }

  async #untilEnded(): Promise<EntryReport> {
    const { queue } = this.#services
    const { id } = this.#offer.entry
    for (let number = 1; ; number += 1) {
      // Offered anew it is another entry: what an earlier batch said of it is over.
      if (number > 1) this.#offer = { ...this.#offer, entry: { ...this.#offer.entry, id: `${id}.${number}` } }
      queue.offer(this.#offer)
      this.#report({ outcome: 'running', step: 'in the queue' })
      const settled = await this.#untilSettled()
      queue.forget(this.#offer.entry.id)
      const report =
        settled === 'removed' ? this.#removed() : settled.kind === 'held' ? await this.#untilFree(settled) : this.#ended(settled)
      if (report === undefined) continue
      if (this.#isTemporary && report.outcome === 'landed') await this.#run.step('delete branch', () => this.#deleteBranch())
      this.#report(report)
      return report
    }
  }

  async #untilSettled(): Promise<Settled | 'removed'> {
    const { entry } = this.#offer
    for (;;) {
      const news = await this.#run.recv<News & Json>(NEWS)
      if (news?.kind === 'settled' && news.entry === entry.id && news.outcome.kind !== 'requeued') return news.outcome
      if (news?.kind === 'unqueue' && (await isOut(this.#run, this.#services, entry.id))) return 'removed'
      if (news !== null) this.#hear(news)
    }
  }

  #hear(news: News): void {
    if (news.kind === 'reprioritise') this.#change(prioritised(this.#offer, news.priority))
    if (news.kind === 'merge') {
      this.#merges.add(news.merge)
      this.#change(news.validate === undefined ? this.#offer : validatedBy(this.#offer, news.validate))
    }
    if (news.kind === 'queue-stopped') {
      const reason = `the queue stands still: ${news.reason}`
      this.#report({ outcome: 'waiting', reason, next: 'orch queue' })
    }
  }

  #change(offer: Offer): void {
    this.#offer = offer
    this.#report({ outcome: 'running', step: 'in the queue' })
    this.#services.queue.offer(offer)
  }

  /** Tested and kept; undefined when the target moved meanwhile, so that it must be tested anew. */
  async #untilFree(held: Extract<Settled, { kind: 'held' }>): Promise<EntryReport | undefined> {
    const { queue } = this.#services
    queue.held(this.#run.id, { offer: this.#offer, checkout: held.checkout, dirty: held.dirty })
    for (;;) {
      this.#report({
        outcome: 'waiting',
        reason: `${held.checkout} has uncommitted changes (${held.dirty.slice(0, 3).join(', ')})`,
        next: 'commit or stash there; it lands by itself then',
      })
      const news = await this.#run.recv<News & Json>(NEWS)
      if (news?.kind === 'unqueue') return this.#giveUp(held)
      if (news?.kind === 'merge') this.#merges.add(news.merge)
      else if (news?.kind !== 'landing-moved') continue
      const outcome = await this.#run.step('land what waits', () => landHeld(this.#services, this.#offer, held.commit))
      if (outcome.kind === 'waiting') continue
      queue.held(this.#run.id, undefined)
      return outcome.kind === 'landed' ? { outcome: 'landed', commit: held.commit } : undefined
    }
  }

  /** Else it would land with the next that is built upon it. */
  async #giveUp({ commit }: Extract<Settled, { kind: 'held' }>): Promise<EntryReport> {
    const { repository, target } = this.#offer
    await this.#run.step('give up what waits', async () => (await this.#services.repository(repository)).dropWaiting(target, commit))
    this.#services.queue.held(this.#run.id, undefined)
    return this.#removed()
  }

  async #deleteBranch(): Promise<void> {
    const { branch, head } = this.#offer.entry
    const repository = await this.#services.repository(this.#offer.repository)
    // Squashed or rebased, its own commit is nowhere else, and in the way of the next one of this name. One that somebody stands on or moved is theirs.
    await repository.deleteBranch(branch, head, { isRemade: true }).catch((error: unknown) => {
      const code = failureCode(error)
      if (code !== 'branch-in-use' && code !== 'ref-moved') throw error
    })
  }

  #ended(settled: Exclude<Settled, { kind: 'held' }>): EntryReport {
    const { branch } = this.#offer.entry
    const again = `orch merge ${branch}`
    switch (settled.kind) {
      case 'landed':
        return { outcome: 'landed', commit: settled.commit }
      case 'void':
        return { outcome: 'void', reason: `${branch} moved while it waited`, next: again }
      case 'sent-back': {
        const { breakage } = settled
        const next = mendingOf(breakage, this.#offer.target, branch)
        return { outcome: 'sent-back', reason: breakageWords(breakage, this.#offer.target), breakage, next }
      }
    }
  }

  #removed(): EntryReport {
    return { outcome: 'refused', code: 'removed', reason: 'it was taken out of the queue', next: `orch merge ${this.#offer.entry.branch}` }
  }

  #report(report: EntryReport): void {
    const { name, branch, head } = this.#offer.entry
    for (const merge of this.#merges) this.#services.merges.report(merge, { handle: name, branch, head, ...report })
  }
}

function mendingOf(breakage: Breakage, target: string, branch: string): string {
  const again = `orch merge ${branch}`
  if (breakage.kind !== 'conflicts') return `mend it, commit, then ${again}`
  return breakage.files.length === 0 ? unrelatedNext(target, branch) : `merge ${target} into ${branch}, then ${again}`
}
