import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import type { LandOutcome, LandRequest } from '../../../ports/git.ts'
import { branchRef } from '../branch-name.ts'
import type { Place } from '../place.ts'
import { isAncestor } from '../history.ts'
import { deleteRef, keepStray, moveRef, resolveRef } from '../refs.ts'
import { withRepositoryLock } from '../repository-lock.ts'
import { exists, readEntries, type Entry } from '../worktrees/entries.ts'
import { moveCheckout, recoverCheckout } from './checkout.ts'

/** The compare-and-swap is git's; the lock keeps two landings from moving the same checkout. */
export async function land(place: Place, request: LandRequest): Promise<LandOutcome> {
  return withRepositoryLock(place, 'landing', async () => {
    const { target, candidate, expected, allowDirty } = request
    const { current, tip, waiting } = await standing(place, target)
    const [isLanded, goesOn] = await Promise.all([isAncestor(place, candidate, current), isAncestor(place, expected, candidate)])
    if (isLanded) return finished(place, target, candidate)
    if (waiting !== undefined && tip === waiting && (await isAncestor(place, candidate, waiting)))
      return advance(place, target, current, waiting, allowDirty)
    if (tip !== expected) return { kind: 'target-moved', found: tip }
    if (!goesOn) throw new Failure('not-a-descendant', `${candidate} does not go on from ${expected}`, { facts: { candidate, expected } })
    return advance(place, target, current, candidate, allowDirty)
  })
}

export async function landWaiting(place: Place, target: string, allowDirty: readonly string[]): Promise<LandOutcome | undefined> {
  return withRepositoryLock(place, 'landing', async () => {
    const { current, tip, waiting } = await standing(place, target)
    if (waiting === undefined) return undefined
    if (await isAncestor(place, waiting, current)) return finished(place, target, waiting)
    if (tip !== waiting) return { kind: 'target-moved', found: current }
    return advance(place, target, current, waiting, allowDirty)
  })
}

export async function dropWaiting(place: Place, target: string, commit: Sha): Promise<void> {
  return withRepositoryLock(place, 'landing', async () => {
    const { current, waiting } = await standing(place, target)
    if (waiting === undefined || !(await isAncestor(place, commit, waiting)) || (await isAncestor(place, commit, current))) return
    await keepStray(place, waiting)
    await deleteRef(place, landingRef(target), waiting)
  })
}

export async function targetTip(place: Place, target: string): Promise<{ commit: Sha; isWaiting: boolean }> {
  const { current, tip } = await standing(place, target)
  return { commit: tip, isWaiting: tip !== current }
}

interface Standing {
  readonly current: Sha
  /** What new work starts from: `waiting` when it is ahead of the target. */
  readonly tip: Sha
  readonly waiting: Sha | undefined
}

async function standing(place: Place, target: string): Promise<Standing> {
  const [current, waiting] = await Promise.all([resolveRef(place, branchRef(target)), resolveRef(place, landingRef(target))])
  if (current === undefined) throw new Failure('no-such-commit', `The branch ${target} has no commit`, { facts: { target } })
  const isAhead = waiting !== undefined && (await isAncestor(place, current, waiting))
  return { current, waiting, tip: isAhead ? waiting : current }
}

function landingRef(target: string): string {
  return branchRef(target).replace('refs/heads/', 'refs/orch/landing/')
}

async function advance(place: Place, target: string, current: Sha, to: Sha, allowDirty: readonly string[]): Promise<LandOutcome> {
  const ref = branchRef(target)
  const checkouts = await checkoutsOf(place, target)
  const [checkout] = checkouts
  if (checkout === undefined) {
    const moved = await moveRef(place, ref, to, current, 'land')
    return moved === 'moved' || moved.found === to ? finished(place, target, to) : { kind: 'target-moved', found: moved.found ?? current }
  }
  const outcome =
    checkouts.length > 1
      ? ({ kind: 'dirty', dirty: ['(checked out more than once)'] } as const)
      : await moveCheckout(place, checkout, { ref, from: current, to, allowDirty })
  if (outcome.kind === 'moved') return finished(place, target, to)
  if (outcome.kind === 'target-moved') return { kind: 'target-moved', found: outcome.found }
  await keepWaiting(place, target, to)
  return { kind: 'waiting', ref: landingRef(target), checkout: checkout.path ?? place.root, dirty: outcome.dirty }
}

/** Also what a landing that was killed after its last step has left to do. */
async function finished(place: Place, target: string, commit: Sha): Promise<LandOutcome> {
  for (const checkout of await checkoutsOf(place, target)) await recoverCheckout(checkout)
  const waiting = await resolveRef(place, landingRef(target))
  if (waiting !== undefined && (await isAncestor(place, waiting, commit))) await deleteRef(place, landingRef(target), waiting)
  return { kind: 'landed', commit }
}

async function keepWaiting(place: Place, target: string, to: Sha): Promise<void> {
  const before = await resolveRef(place, landingRef(target))
  if (before === to) return
  if (before !== undefined && !(await isAncestor(place, before, to))) await keepStray(place, before)
  await moveRef(place, landingRef(target), to, before, `wait for the checkout of ${target}`)
}

/** Also where the branch is in the middle of a rebase: HEAD is detached then, and the rebase will move the branch at its end. */
async function checkoutsOf(place: Place, target: string): Promise<Entry[]> {
  const found: Entry[] = []
  for (const entry of await readEntries(place)) {
    if ((entry.isMain && place.isBare) || entry.path === undefined || entry.isHalfMade) continue
    const isOn = entry.head !== undefined && 'branch' in entry.head && entry.head.branch === target
    if ((isOn || (await isRebasing(entry, target))) && (await exists(join(entry.path, '.git')))) found.push(entry)
  }
  return found
}

async function isRebasing(entry: Entry, target: string): Promise<boolean> {
  for (const folder of ['rebase-merge', 'rebase-apply']) {
    const name = await readFile(join(entry.adminDir, folder, 'head-name'), 'utf8').catch(() => '')
    if (name.trim() === branchRef(target)) return true
  }
  return false
}
