import type { Sha } from '../../../foundation/brand.ts'
import type { Batch } from '../batch.ts'
import type { Breakage, EntryOutcome, QueueEntry } from '../entry.ts'
import type { Hands } from '../hands.ts'
import { Inquiry } from './inquiry.ts'
import { BatchOver, MembersGone } from './interruption.ts'
import type { Symptom } from './symptom.ts'
import type { Unit } from '../units.ts'
import { unitsOf, without } from '../units.ts'

/** Why a unit was set aside: what it may break, and with whom it may do so. */
export type Accusation = { readonly symptoms: readonly Symptom[]; readonly partners: readonly Unit[] }

type Failing = Extract<Breakage, { kind: 'fails' }>

/** Where a batch stands: what has landed, who is accused, who is not decided yet. Tells each member once. */
export class Settlement {
  readonly batch: Batch
  readonly hands: Hands
  readonly inquiry: Inquiry
  /** The target, with what this batch has landed. */
  base: Sha
  /** In the order of landing. */
  readonly landed: Unit[] = []
  readonly accused = new Map<Unit, Accusation>()
  readonly #entries: ReadonlyMap<string, QueueEntry>
  #open: readonly Unit[]

  constructor(batch: Batch, hands: Hands) {
    this.batch = batch
    this.hands = hands
    this.inquiry = new Inquiry(hands, batch.slots)
    this.base = batch.target
    this.#entries = new Map(batch.entries.map((entry) => [entry.id, entry]))
    this.#open = unitsOf(batch.entries)
  }

  /** Undecided; what a unit needs stands before it. */
  get open(): readonly Unit[] {
    return this.#open
  }

  /** Those that are to land next: undecided, not accused, and not waiting for one that is. */
  get line(): readonly Unit[] {
    return without(this.#open, new Set(this.accused.keys()))
  }

  /** In merge order. */
  membersOf(units: readonly Unit[]): readonly string[] {
    const chosen = new Set(units.flatMap(({ members }) => members))
    return this.batch.entries.flatMap(({ id }) => (chosen.has(id) ? [id] : []))
  }

  nameOf(member: string): string {
    return this.#entries.get(member)?.name ?? member
  }

  /** What it needs has landed. */
  isReady(unit: Unit): boolean {
    return !this.#open.some((other) => unit.needs.has(other))
  }

  async land(units: readonly Unit[]): Promise<void> {
    const members = this.membersOf(units)
    const result = await this.hands.land({ base: this.base, members })
    if (result.kind === 'target-moved') throw new BatchOver(result, 'the target was moved by someone else')
    if (result.kind === 'void') throw new MembersGone(new Map(Object.entries(result.members).map(([id, found]) => [id, voidAt(found)])))
    this.#close(units)
    this.landed.push(...units)
    this.base = result.commit
    this.inquiry.noteGreen({ base: result.commit, members: [] })
    for (const member of members) await this.hands.tell(member, result)
  }

  /** The culprit is one of the unit; the rest of its group goes back too, and what needs it waits. */
  async sendBack(unit: Unit, culprit: string, breakage: Failing): Promise<void> {
    await this.#dismiss(new Map([[culprit, { kind: 'sent-back', breakage }]]), unit)
  }

  /** They are no part of this batch. */
  async drop(gone: ReadonlyMap<string, EntryOutcome>): Promise<void> {
    for (const unit of this.#open) {
      const own = unit.members.flatMap((member) => {
        const outcome = gone.get(member)
        return outcome === undefined ? [] : [[member, outcome] as const]
      })
      if (own.length > 0 && this.#open.includes(unit)) await this.#dismiss(new Map(own), unit)
    }
  }

  /** Nothing can be told about them any more. */
  async requeue(units: readonly Unit[], reason: string): Promise<void> {
    const members = this.membersOf(units)
    this.#close(units)
    for (const member of members) await this.hands.tell(member, { kind: 'requeued', reason })
  }

  async #dismiss(outcomes: ReadonlyMap<string, EntryOutcome>, unit: Unit): Promise<void> {
    const [because = ''] = outcomes.keys()
    const isSentBack = outcomes.get(because)?.kind === 'sent-back'
    const waiting = this.#open.filter(({ needs }) => needs.has(unit))
    this.#close([unit])
    for (const member of unit.members) {
      await this.hands.tell(member, outcomes.get(member) ?? this.#asMate(member, this.nameOf(because), isSentBack))
    }
    await this.requeue(waiting, `needs ${this.nameOf(because)}, which did not land`)
  }

  #asMate(member: string, because: string, isSentBack: boolean): EntryOutcome {
    const group = this.#entries.get(member)?.group
    if (isSentBack && group !== undefined) return { kind: 'sent-back', breakage: { kind: 'group', group, because } }
    return { kind: 'requeued', reason: `can land only together with ${because}` }
  }

  #close(units: readonly Unit[]): void {
    this.#open = this.#open.filter((unit) => !units.includes(unit))
    for (const unit of units) this.accused.delete(unit)
  }
}

function voidAt(found: Sha | null): EntryOutcome {
  return { kind: 'void', ...(found !== null && { found }) }
}
