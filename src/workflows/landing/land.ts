import type { Sha } from '../../foundation/brand.ts'
import type { Breakage, EntryOutcome } from '../../domain/queue/entry.ts'
import { Discarded } from '../life/ending.ts'
import type { Halt } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import { NEWS, type News } from '../news.ts'
import { sendIfKnown } from '../send-if-known.ts'
import { offerOf, prioritised, validatedBy, type Offer } from '../queue/offer.ts'
import { landHeld } from './land-held.ts'
import { isOut } from '../queue/withdrawal.ts'
import { LandingReport } from './landing-report.ts'

export type Landing =
  | { readonly kind: 'landed'; readonly commit: string }
  | { readonly kind: 'sent-back'; readonly breakage: Breakage }
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
}

/** Offers exactly this commit to the queue and waits until it is settled there, or a person says something else. */
export async function land(life: TaskLife, head: string, asked: Asked = {}): Promise<Landing> {
  const { run, services, input } = life
  const report = new LandingReport(life)
  if (asked.merge !== undefined) report.add(asked.merge)
  for (;;) {
    await life.stage({ kind: 'waiting-to-land' })
    const at = await run.step('offer', () => services.now())
    const id = `${run.id}/entry.${life.nextNumber()}`
    const { validate } = asked
    const ended = await new Wait(
      life,
      report,
      offerOf(input, run.id, {
        id,
        head: head as Sha,
        at,
        ...(validate !== undefined && { validate }),
        ...(life.session !== undefined && { session: life.session }),
      }),
    ).settled()
    const landing = ended.kind === 'held' ? await untilFree(life, ended, report) : ended
    if (landing === 'moved') continue
    report.ended(landing)
    return landing
  }
}

type Held = Extract<EntryOutcome, { kind: 'held' }>

/** One entry's time in the queue, and what people say meanwhile. */
class Wait {
  readonly #life: TaskLife
  readonly #report: LandingReport
  #offer: Offer
  /** It landed at the very moment of a person's word: that comes after it. */
  #isLate = false

  constructor(life: TaskLife, report: LandingReport, offer: Offer) {
    this.#life = life
    this.#report = report
    this.#offer = offer
  }

  async settled(): Promise<Landing | Held> {
    const { services } = this.#life
    services.queue.offer(this.#offer)
    try {
      for (;;) {
        const ended = (await this.#halted()) ?? (await this.#hear(await this.#life.mailbox.receive()))
        if (ended !== undefined) return ended
      }
    } catch (error) {
      if (error instanceof Discarded) return await this.#givenUp(error)
      throw error
    } finally {
      services.queue.forget(this.#offer.entry.id)
    }
  }

  /** What was landing at that very moment has landed, and is told so. */
  async #givenUp(error: Discarded): Promise<Landing> {
    const { run, services, mailbox } = this.#life
    if (await isOut(run, services, this.#offer.entry.id)) throw error
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
    if (await isOut(this.#life.run, this.#life.services, this.#offer.entry.id)) return { kind: 'halted', halt }
    mailbox.defer(halt)
    this.#isLate = true
    return undefined
  }

  async #hear(news: News | undefined): Promise<Landing | Held | undefined> {
    switch (news?.kind) {
      case 'settled':
        return news.entry === this.#offer.entry.id && news.outcome.kind !== 'requeued' ? news.outcome : undefined
      case 'unqueue':
        return (await isOut(this.#life.run, this.#life.services, this.#offer.entry.id)) ? { kind: 'removed' } : undefined
      case 'reprioritise':
        return this.#change(prioritised(this.#offer, news.priority))
      case 'merge':
        this.#report.add(news.merge)
        return this.#change(news.validate === undefined ? this.#offer : validatedBy(this.#offer, news.validate))
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

  #change(offer: Offer): undefined {
    this.#offer = offer
    this.#report.queued()
    this.#life.services.queue.offer(offer)
  }
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
