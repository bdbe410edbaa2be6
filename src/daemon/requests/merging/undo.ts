import type { Sha } from '../../../foundation/brand.ts'
import { entryName } from '../../../domain/queue/entry-trailer.ts'
import { Failure } from '../../../foundation/failure.ts'
import { plainLine } from '../../../foundation/text.ts'
import type { LandedEntry, PastLanding } from '../../../ports/git-landings.ts'
import type { UndoRequest } from '../../../protocol/requests.ts'
import type { MergeResponse } from '../../../protocol/responses.ts'
import { openPlace } from '../open-place.ts'
import type { RequestParts } from '../parts.ts'
import { branchOffer } from './branch-offer.ts'
import { answerOf } from './merge.ts'
import { isUndoBranch, readLanded, undoBranch } from './landed-before.ts'

interface Undoing {
  readonly names: readonly string[]
  /** For people: an undo is named by what it took back. */
  readonly shown: readonly string[]
  /** What changed between these two is taken back. */
  readonly from: Sha
  readonly to: Sha
}

/** `orch undo`: takes a landing back by a commit that goes through the queue like any other work. */
export async function undo(parts: RequestParts, request: UndoRequest): Promise<MergeResponse> {
  const place = await openPlace(parts, request.cwd)
  const { tip, landings } = await readLanded(place)
  const undoing = find(landings, request, place.target)
  const at = parts.clock.now()
  const subject = `Undo ${plainLine(undoing.names.join(', '), 100)}`
  const built = await place.repository.buildRevert({
    target: tip,
    from: undoing.from,
    to: undoing.to,
    message: `${subject}\n\nTakes back what ${undoing.from.slice(0, 10)}..${undoing.to.slice(0, 10)} brought.`,
    trailers: {},
    at,
  })
  const branch = undoBranch(undoing, undoing.names.length > 1)
  const undoes = { names: undoing.shown, from: undoing.from, to: undoing.to }
  if ('conflicts' in built) {
    throw new Failure('undo-conflicts', `what landed since builds on it: ${built.conflicts.slice(0, 5).join(', ')}`, {
      safe: 'nothing was changed',
      next: `git switch -c ${branch} ${place.target} && git revert -m 1 ${undoing.to.slice(0, 10)}, resolve, then orch merge ${branch}`,
    })
  }
  const entry = { handle: branch, branch, head: built.commit }
  const isDryRun = request.isDryRun ?? false
  if (isDryRun || built.commit === tip) {
    const outcome = built.commit === tip ? 'already-landed' : 'would-land'
    return {
      id: parts.newId(),
      isDone: true,
      entries: [{ ...entry, outcome }],
      overlaps: [],
      runs: [],
      notes: [],
      suiteEquivalents: 0,
      isDryRun,
      undoes,
    }
  }
  await place.repository.createBranch(branch, built.commit)
  const id = parts.newId()
  parts.merges.begin(id, {
    entries: [{ ...entry, outcome: 'running', step: 'waiting' }],
    overlaps: [],
    notes: [],
    project: place.project,
    at,
  })
  const environment = await parts.environments.keep(request.environment)
  const offer = branchOffer(place, { merge: id, branch, head: built.commit, at, environment, priority: 1, subject })
  await parts.engine.start('entry', { merge: id, offer, isTemporary: true }, { id: `entry.${id}.0` })
  return { ...answerOf(parts, id), undoes }
}

function find(landings: readonly PastLanding[], { name, isWhole }: UndoRequest, target: string): Undoing {
  const [last] = landings
  if (last === undefined) {
    throw new Failure('nothing-to-undo', `orch has landed nothing on ${target} lately`, { next: `git log --first-parent ${target}` })
  }
  if (name !== undefined) {
    const entry = landings.flatMap((landing) => landing.entries).find((one) => isNamed(one.name, name))
    if (entry === undefined) {
      throw new Failure('nothing-to-undo', `no landing of ${plainLine(name)} is among the last on ${target}`, {
        next: `git log --first-parent ${target}`,
      })
    }
    return { ...namesOf([entry]), from: entry.before, to: entry.commit }
  }
  const { names, shown } = namesOf(last.entries)
  if (names.length > 1 && isWhole !== true) {
    throw new Failure('several-landed', `the last landing brought ${names.length} entries: ${plainLine(names.join(', '), 400)}`, {
      safe: 'nothing was changed',
      next: 'orch undo NAME for one of them, orch undo --all for all',
    })
  }
  return { names, shown, from: last.before, to: last.after }
}

function namesOf(entries: readonly LandedEntry[]): Pick<Undoing, 'names' | 'shown'> {
  const names = entries.map((entry) => entryName(entry.name))
  const shown = entries.map(({ subject }, index) =>
    isUndoBranch(names[index] ?? '') ? `${names[index]} (${subject})` : (names[index] ?? ''),
  )
  return { names, shown }
}

/** A handle, the task's part of it, or a branch. */
function isNamed(trailer: string, name: string): boolean {
  const known = entryName(trailer)
  return known === name || known.endsWith(`.${name}`)
}
