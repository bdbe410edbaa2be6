import type { Sha } from '../../foundation/brand.ts'
import { failureCode } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { tickedBacklog } from './tick-backlog.ts'
import { NEWS } from '../news.ts'
import { landingQueue } from '../seat.ts'
import type { Halt } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { CommandOutcome } from '../services.ts'
import { runValidation, type Verdict } from './validate.ts'

export type Landing =
  | { readonly kind: 'landed'; readonly commit: string }
  | { readonly kind: 'conflicts'; readonly target: string; readonly files: readonly string[] }
  /** A person spoke before anything moved. */
  | { readonly kind: 'halted'; readonly halt: Halt }
  | { readonly kind: 'failed-merged'; readonly target: string; readonly verdict: Verdict }

/** Builds the candidate, tests exactly it, and lands exactly it; when the target moved meanwhile, all over again. One landing per project at a time. */
export async function land(
  life: TaskLife,
  head: string,
  validateLine = life.input.settings.validate,
  onHeld: OnHeld = () => undefined,
): Promise<Landing> {
  await life.stage({ kind: 'waiting-to-land' })
  try {
    const halt = await life.seats.take(landingQueue(life.input.project))
    let landing: Landing | undefined = halt === undefined ? undefined : { kind: 'halted', halt }
    while (landing === undefined) landing = await landOnce(life, head as Sha, validateLine, onHeld)
    return landing
  } finally {
    // Also when git or the disk fails: nobody else of the project could land any more.
    await life.seats.release(landingQueue(life.input.project))
  }
}

/** Told when the landing is ready and the user's checkout is in the way: whoever waits for the landing need not. */
type OnHeld = (held: { readonly checkout: string; readonly dirty: readonly string[] }) => void

async function landOnce(life: TaskLife, head: Sha, validateLine: string | undefined, onHeld: OnHeld): Promise<Landing | undefined> {
  const { input, services, run } = life
  const built = await run.step('build candidate', async () => {
    const repository = await services.repository(input.repository)
    const tip = await repository.targetTip(input.target)
    if (await repository.isAncestor(head, tip.commit)) return { kind: 'already', commit: tip.commit } as const
    const edits = await tickedBacklog(repository, tip.commit, head, input)
    const candidate = await repository.buildCandidate({
      target: tip.commit,
      head,
      strategy: 'merge',
      message: `Merge ${input.branch}: ${plainLine(input.task.title)}`,
      trailers: { 'Orch-Task': input.handle },
      edits,
      at: services.now(),
    })
    return 'conflicts' in candidate
      ? ({ kind: 'conflicts', target: tip.commit, files: candidate.conflicts } as const)
      : ({ kind: 'candidate', target: tip.commit, commit: candidate.commit } as const)
  })
  if (built.kind === 'already') return { kind: 'landed', commit: built.commit }
  if (built.kind === 'conflicts') return built
  const verdict = await validateCandidate(life, built.commit, validateLine)
  const halt = await life.mailbox.halt()
  if (halt !== undefined) return { kind: 'halted', halt }
  if (verdict.isStopped) return undefined
  if (!verdict.isPassed) return { kind: 'failed-merged', target: built.target, verdict }
  return moveTarget(life, built.target, built.commit, onHeld)
}

async function validateCandidate(life: TaskLife, commit: Sha, line: string | undefined): Promise<Verdict> {
  if (line === undefined)
    return { commit, isPassed: true, isReal: false, summary: 'no validation is configured', tail: '', exit: 0, isStopped: false }
  await life.stage({ kind: 'validating', commit, place: 'candidate' })
  return runValidation(life, commit, line, async (signal) => {
    const { path } = await life.services.worktrees.ensureCandidate(life.input, commit)
    const setup = await setUp(life, path, signal)
    return setup === undefined || setup.isPassed ? { path } : { setup }
  })
}

/** Each time anew: the candidate's folder was cleaned of everything that the commit does not hold, ignored files too. */
async function setUp({ input, services }: TaskLife, cwd: string, signal: AbortSignal): Promise<CommandOutcome | undefined> {
  const line = input.settings.setup
  return line === undefined
    ? undefined
    : services.commands.run({ input, name: 'setup-merged', line, cwd, timeoutMs: input.settings.setupTimeoutMs, signal })
}

/** Undefined when the target moved: what was tested would not be what lands. */
async function moveTarget(life: TaskLife, expected: Sha, candidate: Sha, onHeld: OnHeld): Promise<Landing | undefined> {
  const { input, services, run } = life
  const allowDirty = input.backlog === undefined ? [] : [input.backlog]
  const outcome = await run.step('land', async () => {
    const repository = await services.repository(input.repository)
    services.audit.expect(candidate)
    return repository.land({ target: input.target, expected, candidate, allowDirty })
  })
  if (outcome.kind === 'target-moved') return undefined
  if (outcome.kind === 'waiting') {
    await life.seats.release(landingQueue(input.project))
    onHeld(outcome)
    if ((await landingHeld(life, candidate, outcome)) === 'moved') {
      const halt = await life.seats.take(landingQueue(input.project))
      return halt === undefined ? undefined : { kind: 'halted', halt }
    }
  }
  return { kind: 'landed', commit: candidate }
}

/** The candidate is tested and kept; the user's checkout is in the way. Those who need this task may start from it already. */
async function landingHeld(
  life: TaskLife,
  candidate: Sha,
  held: { ref: string; checkout: string; dirty: readonly string[] },
): Promise<'landed' | 'moved'> {
  const { input, services, run } = life
  await life.stage({ kind: 'landing-held', ref: held.ref, checkout: held.checkout, dirty: held.dirty })
  await tellDependents(life)
  let { dirty } = held
  for (;;) {
    const news = await life.next()
    if (news?.kind !== 'landing-moved' && news?.kind !== 'merge' && news?.kind !== 'resume') continue
    const outcome = await run.step('land what waits', async () => {
      const repository = await services.repository(input.repository)
      services.audit.expect(candidate)
      const moved = await repository.landWaiting(input.target, input.backlog === undefined ? [] : [input.backlog])
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
