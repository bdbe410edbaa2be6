import type { Sha } from '../../foundation/brand.ts'
import { failureCode } from '../../foundation/failure.ts'
import type { Breakage, EntryOutcome } from '../../domain/queue/entry.ts'
import { Discarded } from '../life/ending.ts'
import type { Halt } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import { NEWS } from '../news.ts'
import { WITHDRAWALS } from '../queue/batch.ts'
import { offerOf, type Offer } from '../queue/offer.ts'

export type Landing =
  | { readonly kind: 'landed'; readonly commit: string }
  | { readonly kind: 'sent-back'; readonly breakage: Breakage }
  /** The branch went on while it waited; undefined: it is gone. */
  | { readonly kind: 'void'; readonly found?: string }
  /** A person spoke before anything moved. */
  | { readonly kind: 'halted'; readonly halt: Halt }
  /** A person took it out of the queue. */
  | { readonly kind: 'removed' }

/** Told when the landing is ready and the user's checkout is in the way: whoever waits for the landing need not. */
export type OnHeld = (held: { readonly checkout: string; readonly dirty: readonly string[] }) => void

/** Offers exactly this commit to the queue and waits until it is settled there, or a person says something else. */
export async function land(life: TaskLife, head: string, validate?: string, onHeld: OnHeld = () => undefined): Promise<Landing> {
  const { run, services, input } = life
  for (;;) {
    await life.stage({ kind: 'waiting-to-land' })
    const at = await run.step('offer', () => services.now())
    const id = `${run.id}/entry.${life.nextNumber()}`
    const offer = offerOf(input, run.id, { id, head: head as Sha, at, ...(validate !== undefined && { validate }) })
    const ended = await settled(life, offer)
    if (ended.kind !== 'held') return ended
    onHeld(ended)
    if ((await landingHeld(life, ended)) === 'landed') return { kind: 'landed', commit: ended.commit }
  }
}

type Held = Extract<EntryOutcome, { kind: 'held' }>

async function settled(life: TaskLife, offer: Offer): Promise<Landing | Held> {
  try {
    return await untilSettled(life, offer)
  } catch (error) {
    if (error instanceof Discarded) await isOut(life, offer.entry.id)
    throw error
  } finally {
    life.services.queue.forget(offer.entry.id)
  }
}

async function untilSettled(life: TaskLife, first: Offer): Promise<Landing | Held> {
  const { services, mailbox } = life
  let offer = first
  let isLate = false
  services.queue.offer(offer)
  for (;;) {
    const halt = isLate ? undefined : mailbox.takeHalt()
    if (halt !== undefined) {
      if (await isOut(life, offer.entry.id)) return { kind: 'halted', halt }
      // It lands at this very moment: their word comes after that.
      mailbox.defer(halt)
      isLate = true
    }
    const news = await mailbox.receive()
    switch (news?.kind) {
      case 'settled':
        if (news.entry === offer.entry.id && news.outcome.kind !== 'requeued') return news.outcome
        break
      case 'unqueue':
        if (await isOut(life, offer.entry.id)) return { kind: 'removed' }
        break
      case 'reprioritise':
        offer = { ...offer, entry: { ...offer.entry, priority: news.priority } }
        services.queue.offer(offer)
        break
      case 'queue-stopped':
        await life.stage({ kind: 'waiting-to-land', stopped: news.reason })
        break
      case 'queue-goes-on':
        await life.stage({ kind: 'waiting-to-land' })
        break
      default:
        if (news !== undefined) mailbox.defer(news)
    }
  }
}

/** Whether it will not land any more. A batch that is at work with it hears so durably, so that its next life leaves it out too. */
async function isOut({ run, services }: TaskLife, entry: string): Promise<boolean> {
  const answer = await run.step('withdraw', () => services.queue.withdraw(entry))
  if (answer.kind === 'landing') return false
  if (answer.batch !== undefined) await sendIfKnown(run, answer.batch, entry)
  return true
}

async function sendIfKnown(run: TaskLife['run'], batch: string, entry: string): Promise<void> {
  try {
    await run.send(batch, WITHDRAWALS, { entry })
  } catch (error) {
    if (failureCode(error) !== 'unknown-run') throw error
  }
}

/** The candidate is tested and kept; the user's checkout is in the way. Those who need this task may start from it already. */
async function landingHeld(life: TaskLife, held: Held): Promise<'landed' | 'moved'> {
  const { input, services, run } = life
  await life.stage({ kind: 'landing-held', ref: held.ref, checkout: held.checkout, dirty: held.dirty })
  await tellDependents(life)
  let { dirty } = held
  for (;;) {
    const news = await life.next()
    if (news?.kind !== 'landing-moved' && news?.kind !== 'merge' && news?.kind !== 'resume') continue
    const outcome = await run.step('land what waits', async () => {
      const repository = await services.repository(input.repository)
      services.audit.expect(held.commit)
      const moved = await repository.landWaiting(input.target, input.backlog === undefined ? [] : [input.backlog])
      const { commit: tip } = await repository.targetTip(input.target)
      if (moved?.kind !== 'waiting' && !(await repository.isAncestor(held.commit, tip))) return { kind: 'target-moved', dirty: [] } as const
      return { kind: moved?.kind ?? 'landed', dirty: moved?.kind === 'waiting' ? moved.dirty : [] } as const
    })
    const entry = { handle: input.handle, branch: input.branch }
    if (outcome.kind === 'target-moved') return 'moved'
    if (outcome.kind === 'landed') {
      if (news.kind === 'merge') life.onceMerged.push(() => services.merges.report(news.merge, { ...entry, outcome: 'already-landed' }))
      return 'landed'
    }
    if (outcome.dirty.join('\n') !== dirty.join('\n')) {
      dirty = outcome.dirty
      await life.stage({ kind: 'landing-held', ref: held.ref, checkout: held.checkout, dirty })
    }
    if (news.kind === 'merge') {
      services.merges.report(news.merge, {
        ...entry,
        outcome: 'waiting',
        reason: `${held.checkout} has uncommitted changes`,
        next: `commit or stash there, then orch merge ${input.handle}`,
      })
    }
  }
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
  for (const dependent of dependents) {
    try {
      await run.send(dependent, NEWS, { kind: 'need-ended', task: input.task.id })
    } catch (error) {
      // Made known and not started, by a daemon that died in between: it looks for itself when it begins.
      if (failureCode(error) !== 'unknown-run') throw error
    }
  }
}
