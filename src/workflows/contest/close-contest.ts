import { Failure } from '../../foundation/failure.ts'
import type { ContestFacts } from '../../domain/attempts/contest-facts.ts'
import type { CleanupOutcome } from '../cleanup.ts'
import type { TaskLife } from '../life/task-life.ts'
import { notKept } from './contest-words.ts'
import type { Entrant, Entrants } from './entrants.ts'

/**
 * One has landed: the others are put away with the reason, their commits on their branches and what was uncommitted in a backup ref. Their worktrees
 * go; the taken one's stays, as that of every landed task. What fails here is told and takes nothing back.
 */
export async function closeContest(life: TaskLife, entrants: Entrants, winner: Entrant | undefined, facts: ContestFacts): Promise<void> {
  const { run, services, input } = life
  await life.tryTo('keep the report', () => run.step('keep report', () => services.attempts.keep(input, facts)))
  for (const entrant of entrants.all) {
    const reason = facts.attempts.find(({ number }) => number === entrant.number)?.reason ?? 'not kept'
    await life.tryTo(`end attempt ${entrant.number}`, () =>
      run.step(`end attempt ${entrant.number}`, () => services.attempts.end(entrant.input, entrant.run, reason)),
    )
    if (entrant !== winner) await life.tryTo(`put attempt ${entrant.number} away`, () => putAway(life, entrant, reason))
  }
}

/** What became of each, and why. */
export function finalFacts(entrants: Entrants, winner: Entrant | undefined, commit: string): ContestFacts {
  const whys = new Map(
    entrants.all.map((entrant) => [
      entrant.number,
      entrant === winner ? `taken: landed as ${commit.slice(0, 10)}` : notKept(entrant, winner, entrants),
    ]),
  )
  return entrants.facts(winner === undefined ? {} : { taken: winner.number }, whys)
}

/** Under the name that a person's own clean-up of it would have, so that theirs finds it done. */
async function putAway({ run }: TaskLife, { input, run: attempt }: Entrant, reason: string): Promise<void> {
  const asked = { task: input, isRemote: false, isAbandoned: true, reason }
  const outcome = await run.call<CleanupOutcome>('cleanup', asked, { id: `${attempt}/cleanup.1` })
  if (outcome.kind === 'refused') throw new Failure('attempt-kept', outcome.reason)
}
