import type { Sha } from '../../foundation/brand.ts'
import type { Breakage, EntryOutcome } from '../../domain/queue/entry.ts'
import { invariant } from '../../foundation/invariant.ts'
import { Discarded } from '../life/ending.ts'
import type { Halt } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { TaskInput } from '../task-input.ts'
import { NEWS, type News } from '../news.ts'
import { sendIfKnown } from '../send-if-known.ts'
import { offerOf, prioritised, validatedBy, type Offer } from '../queue/offer.ts'
import { landHeld } from './land-held.ts'
import { isOut } from '../queue/withdrawal.ts'
import { LandingReport } from './landing-report.ts'

export type Landing =
  | { readonly kind: 'landed'; readonly commit: string }
  /** `each`: by name of the entry, where several were to land together. */
  | { readonly kind: 'sent-back'; readonly breakage: Breakage; readonly each?: Readonly<Record<string, Breakage>> }
  /** The branch went on while it waited; undefined: it is gone. */
  | { readonly kind: 'void'; readonly found?: string }
  /** A person spoke before anything moved. */
  | { readonly kind: 'halted'; readonly halt: Halt }
  /** A person took it out of the queue. */
  | { readonly kind: 'removed' }

export interface Asked {
  /** The question of the person who asked for it. */
  readonly merge?: string
  /** Instead of the task's own validation. */
  readonly validate?: string
  /** Said in the commit that lands it, besides whose it is. */
  readonly trailers?: Readonly<Record<string, string>>
  /** Looked at after all news: once false, it is taken out and `void`. It may depend on nothing but news. */
  readonly isCurrent?: () => boolean
}

/** One branch at one commit. */
export interface Work {
  readonly input: TaskInput
  readonly head: string
}

/** Offers exactly this commit to the queue and waits until it is settled there, or a person says something else. */
export async function land(life: TaskLife, head: string, asked: Asked = {}): Promise<Landing> {
  return landTogether(life, [{ input: life.input, head }], asked)
}

/** The same for several branches: all of them land, or none. */
export async function landTogether(life: TaskLife, works: readonly Work[], asked: Asked = {}): Promise<Landing> {
  const { run, services } = life
  const report = new LandingReport(life)
  if (asked.merge !== undefined) report.add(asked.merge)
  for (;;) {
    await life.stage({ kind: 'waiting-to-land' })
    const at = await run.step('offer', () => services.now())
    const ids = works.map(() => `${run.id}/entry.${life.nextNumber()}`)
    const { validate, trailers } = asked
    const offers = works.map(({ input, head }, index) =>
      offerOf(input, run.id, {
        id: ids[index] ?? '',
        head: head as Sha,
        at,
        ...(validate !== undefined && { validate }),
        ...(life.session !== undefined && { session: life.session }),
        ...(trailers !== undefined && { trailers }),
        ...(works.length > 1 && { group: life.input.handle, mates: ids }),
      }),
    )
    const ended = await new Wait(life, report, offers, asked.isCurrent).settled()
    const landing = ended.kind === 'held' ? await untilFree(life, ended, report) : ended
    if (landing === 'moved') continue
    report.ended(landing)
    return landing
  }
}

type Held = Extract<EntryOutcome, { kind: 'held' }>

type Settled = Exclude<EntryOutcome, { kind: 'requeued' }>

/** The time of one entry in the queue, or of several that land together, and what people say meanwhile. */
class Wait {
  readonly #life: TaskLife
  readonly #report: LandingReport
  #offers: readonly Offer[]
  /** By entry. */
  readonly #outcomes = new Map<string, Settled>()
  /** It landed at the very moment of a person's word: that comes after it. */
  #isLate = false

  readonly #isCurrent: () => boolean

  constructor(life: TaskLife, report: LandingReport, offers: readonly Offer[], isCurrent: () => boolean = () => true) {
    this.#life = life
    this.#report = report
    this.#offers = offers
    this.#isCurrent = isCurrent
  }

  async settled(): Promise<Landing | Held> {
    const { services } = this.#life
    services.queue.offer(...this.#offers)
    try {
      for (;;) {
        const ended = (await this.#halted()) ?? (await this.#lapsed()) ?? (await this.#hear(await this.#life.mailbox.receive()))
        if (ended !== undefined) return ended
      }
    } catch (error) {
      if (error instanceof Discarded) return await this.#givenUp(error)
      throw error
    } finally {
      for (const { entry } of this.#offers) services.queue.forget(entry.id)
    }
  }

  /** What was landing at that very moment has landed, and is told so. */
  async #givenUp(error: Discarded): Promise<Landing> {
    const { mailbox } = this.#life
    if (await this.#areOut()) throw error
    for (;;) {
      const ended = await this.#hear(await mailbox.receive())
      if (ended?.kind === 'landed') return ended
      if (ended?.kind === 'held') await giveUpHeld(this.#life, ended)
      if (ended !== undefined) throw error
    }
  }

  async #halted(): Promise<Landing | undefined> {
    const { mailbox } = this.#life
    const halt = this.#isLate ? undefined : mailbox.takeHalt()
    if (halt === undefined) return undefined
    if (await this.#areOut()) return { kind: 'halted', halt }
    mailbox.defer(halt)
    this.#isLate = true
    return undefined
  }

  /** Asked once: when it is too late, what was offered lands. */
  async #lapsed(): Promise<Landing | undefined> {
    if (this.#isLate || this.#isCurrent()) return undefined
    if (await this.#areOut()) return { kind: 'void' }
    this.#isLate = true
    return undefined
  }

  /** Of several, once one is in the middle of landing all are. */
  async #areOut(): Promise<boolean> {
    for (const { entry } of this.#offers) {
      if (this.#outcomes.has(entry.id)) continue
      if (!(await isOut(this.#life.run, this.#life.services, entry.id))) return false
    }
    return true
  }

  async #hear(news: News | undefined): Promise<Landing | Held | undefined> {
    switch (news?.kind) {
      case 'settled':
        return this.#settle(news)
      case 'unqueue':
        return (await this.#areOut()) ? { kind: 'removed' } : undefined
      case 'reprioritise':
        return this.#change((offer) => prioritised(offer, news.priority))
      case 'merge':
        this.#report.add(news.merge)
        return this.#change((offer) => (news.validate === undefined ? offer : validatedBy(offer, news.validate)))
      case 'queue-stopped':
        await this.#life.stage({ kind: 'waiting-to-land', stopped: news.reason })
        this.#report.stopped(news.reason)
        return undefined
      case 'queue-goes-on':
        await this.#life.stage({ kind: 'waiting-to-land' })
        return undefined
      default:
        if (news !== undefined) this.#life.mailbox.defer(news)
        return undefined
    }
  }

  /** The last outcome ends the wait, or the first that is no landing: the others cannot land without it. */
  async #settle({ entry, outcome }: Extract<News, { kind: 'settled' }>): Promise<Landing | Held | undefined> {
    if (outcome.kind === 'requeued' || !this.#offers.some((offer) => offer.entry.id === entry)) return undefined
    this.#outcomes.set(entry, outcome)
    if (this.#outcomes.size === this.#offers.length) return togetherOf(this.#offers, this.#outcomes)
    const isOver = outcome.kind === 'void' && (await this.#areOut())
    return isOver ? togetherOf(this.#offers, this.#outcomes) : undefined
  }

  #change(change: (offer: Offer) => Offer): undefined {
    this.#offers = this.#offers.map(change)
    this.#report.queued()
    this.#life.services.queue.offer(...this.#offers.filter(({ entry }) => !this.#outcomes.has(entry.id)))
  }
}

/** What it comes to for all: the worst that was said of one. */
function togetherOf(offers: readonly Offer[], outcomes: ReadonlyMap<string, Settled>): Landing | Held {
  const all = [...outcomes.values()]
  const [only] = all
  if (only !== undefined && offers.length === 1) return only
  const gone = all.find((outcome) => outcome.kind === 'void')
  if (gone !== undefined) return gone
  const each = Object.fromEntries(
    offers.flatMap(({ entry }) => {
      const outcome = outcomes.get(entry.id)
      return outcome?.kind === 'sent-back' ? [[entry.name, outcome.breakage] as const] : []
    }),
  )
  const breakages = Object.values(each)
  const breakage = breakages.find(({ kind }) => kind !== 'group') ?? breakages[0]
  if (breakage !== undefined) return { kind: 'sent-back', breakage, each }
  const settled = all.find((outcome) => outcome.kind === 'held') ?? all.at(-1)
  invariant(settled !== undefined, 'something was offered')
  return settled
}

/** The candidate is tested and kept; the user's checkout is in the way. Those who need this task may start from it already. */
async function untilFree(life: TaskLife, held: Held, report: LandingReport): Promise<Landing | 'moved'> {
  const { input, services, run } = life
  await life.stage({ kind: 'landing-held', ref: held.ref, checkout: held.checkout, dirty: held.dirty })
  report.held(held)
  await tellDependents(life)
  let { dirty } = held
  for (;;) {
    const news = await life.next().catch(async (error: unknown) => {
      if (error instanceof Discarded) await giveUpHeld(life, held)
      throw error
    })
    if (news?.kind === 'unqueue') {
      await giveUpHeld(life, held)
      return { kind: 'removed' }
    }
    if (news?.kind !== 'landing-moved' && news?.kind !== 'merge' && news?.kind !== 'resume') continue
    const allowDirty = input.backlog === undefined ? [] : [input.backlog]
    const standing = await run.step('land what waits', () => landHeld(services, { ...input, allowDirty }, held.commit))
    if (standing.kind !== 'waiting') report.queued()
    if (news.kind === 'merge') report.add(news.merge)
    if (standing.kind !== 'waiting') return standing.kind === 'moved' ? 'moved' : { kind: 'landed', commit: held.commit }
    if (standing.dirty.join('\n') !== dirty.join('\n')) {
      dirty = standing.dirty
      await life.stage({ kind: 'landing-held', ref: held.ref, checkout: held.checkout, dirty })
    }
    report.held({ checkout: held.checkout, dirty })
  }
}

/** Else it would land with the next that is built upon it. */
async function giveUpHeld({ run, services, input }: TaskLife, held: Held): Promise<void> {
  await run.step('give up what waits', async () => (await services.repository(input.repository)).dropWaiting(input.target, held.commit))
}

/**
 * After the landing: the session is gone, the box of an uncommitted backlog is ticked, and those who waited hear of it.
 * The work has landed whatever becomes of this, so a failure here is told and takes nothing back.
 */
export async function finishLanding(life: TaskLife, commit: string): Promise<void> {
  const { input, services, run } = life
  life.note({ landedAs: commit })
  await life.tryTo('stop the session', () => life.stopSession())
  await life.tryTo('tick the box', () => run.step('tick the file', () => services.worktrees.tickFile(input)))
  // No step: it finds its own trace, and runs of earlier versions have none here.
  await services.archive.keepLearnings(input)
  await life.stage({ kind: 'merged', commit })
  for (const tell of life.onceMerged.splice(0)) tell()
  await tellDependents(life)
  if (input.kind === 'quick') await life.tryTo('clean up', () => cleanUpQuick(life))
}

async function cleanUpQuick({ run, input }: TaskLife): Promise<void> {
  await run.call('cleanup', { task: input, isRemote: false, isAbandoned: false, reason: 'quick task landed' }, { id: `${run.id}/cleanup` })
}

async function tellDependents(life: TaskLife): Promise<void> {
  const { input, services, run } = life
  const dependents = await run.step('dependents', () => services.roster.dependents(input.project, input.task.id))
  for (const dependent of dependents) await sendIfKnown(run, dependent, NEWS, { kind: 'need-ended', task: input.task.id })
}
