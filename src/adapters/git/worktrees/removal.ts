import { lstat, mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import type { RemovalPlan, RemovalRefusal } from '../../../ports/git.ts'
import { branchRef } from '../branch-name.ts'
import type { Place } from '../place.ts'
import { isAncestor } from '../history.ts'
import { BRANCHES_AND_TAGS, deleteRef, keeperOf, resolveRef, moveRef } from '../refs.ts'
import { withRepositoryLock } from '../repository-lock.ts'
import { entryAt, forgetEntry, operationIn, readEntries, type Entry } from './entries.ts'
import { headOf, withStatus } from './inspect.ts'

export async function planRemoval(
  place: Place,
  path: string,
  branch: string,
  options: { target: string; abandon: boolean },
): Promise<RemovalPlan | RemovalRefusal> {
  const entry = await entryAt(place, path)
  if (entry?.path === undefined || entry.isMain || entry.head === undefined)
    return refuse('not-a-linked-worktree', `${path} is not a linked worktree of ${place.root}`)
  const operation = await operationIn(entry.adminDir)
  if (operation !== undefined && !options.abandon) return refuse('operation-in-progress', `a ${operation} is going on in ${path}`)
  const head = await headOf(place, entry)
  const isOnBranch = 'branch' in entry.head && entry.head.branch === branch
  if (!isOnBranch && !options.abandon)
    return refuse('branch-mismatch', `${path} is not on ${branch} but on ${'branch' in entry.head ? entry.head.branch : head}`)
  const changes = await withStatus(place, entry, head, (_scratch, found) => Promise.resolve(found))
  const nested = changes.find((change) => change.kind === 'nested-repository' || change.kind === 'submodule')
  if (nested !== undefined && !options.abandon)
    return refuse('nested-repository', `${nested.path} in ${path} is a repository of its own; what is in it may be nowhere else`)
  const keptBy = await whoKeeps(place, branch, head, isOnBranch, options)
  if (keptBy === undefined) return refuse(isOnBranch ? 'not-merged' : 'branch-mismatch', `no other branch, tag or remote has ${head}`)
  const target = await resolveRef(place, branchRef(options.target))
  const isMerged = target !== undefined && (await isAncestor(place, head, target))
  return { kind: 'removal-plan', path: entry.path, branch, head, isMerged, uncommitted: [...new Set(changes.map(nameOf))].sort(), keptBy }
}

/** Answers where the files are now; undefined when they had gone already. Repeating it completes what a crash left. */
export async function removeWorktree(place: Place, plan: RemovalPlan, trash: string): Promise<string | undefined> {
  return withRepositoryLock(place, 'worktrees', async () => {
    const entry = await entryAt(place, plan.path)
    const isThere = await lstat(plan.path).then(
      () => true,
      () => false,
    )
    if (entry === undefined || entry.isMain) {
      if (isThere) throw changed(plan, 'it is no worktree of this repository any more')
      return undefined
    }
    const trashed = isThere ? await recheckAndRename(place, entry, plan, trash) : undefined
    await forgetEntry(entry)
    return trashed
  })
}

/** A branch of orch's own making, found again when it is made twice. */
export async function createBranch(place: Place, branch: string, commit: Sha): Promise<void> {
  const made = await moveRef(place, branchRef(branch), commit, undefined, 'create')
  if (made === 'moved' || made.found === commit) return
  throw new Failure('branch-taken', `The branch ${branch} cannot be used: it is at ${made.found ?? 'no commit'}`, {
    facts: { branch },
    safe: 'The branch was left as it is.',
    next: `git branch -m ${branch} <another name>, then try again`,
  })
}

/** Only when another branch or tag keeps its commits (a backup ref is no place to go on from) and no worktree is on it. */
export async function deleteBranch(
  place: Place,
  branch: string,
  expected: Sha,
  { isRemade }: { readonly isRemade: boolean } = { isRemade: false },
): Promise<void> {
  const ref = branchRef(branch)
  const found = await resolveRef(place, ref)
  if (found === undefined) return
  const holder = (await readEntries(place)).find(
    (entry) => entry.head !== undefined && 'branch' in entry.head && entry.head.branch === branch && !(entry.isMain && place.isBare),
  )
  if (holder !== undefined)
    throw new Failure('branch-in-use', `${branch} is checked out in ${holder.path}`, { facts: { branch, path: holder.path } })
  if (!isRemade && (await keeperOf(place, expected, [branch], { spaces: BRANCHES_AND_TAGS })) === undefined) {
    throw new Failure('not-merged', `Only ${branch} keeps ${expected}`, {
      facts: { branch, expected },
      safe: 'The branch was left as it is.',
    })
  }
  await deleteRef(place, ref, expected)
}

async function whoKeeps(
  place: Place,
  branch: string,
  head: Sha,
  isOnBranch: boolean,
  options: { target: string; abandon: boolean },
): Promise<string | undefined> {
  // A worktree that has left its branch is kept by any ref, the branch itself too; nothing of it may be lost.
  const preferred = branchRef(options.target)
  const keeper = await (isOnBranch
    ? keeperOf(place, head, [branch], { spaces: BRANCHES_AND_TAGS, preferred })
    : keeperOf(place, head, [], { preferred }))
  if (keeper !== undefined || !isOnBranch) return keeper
  return options.abandon ? branchRef(branch) : undefined
}

async function recheckAndRename(place: Place, entry: Entry, plan: RemovalPlan, trash: string): Promise<string> {
  const head = await headOf(place, entry)
  if (head !== plan.head) throw changed(plan, `its HEAD is ${head} now`)
  const changes = await withStatus(place, entry, head, (_scratch, found) => Promise.resolve(found))
  const news = changes.map(nameOf).filter((name) => !plan.uncommitted.includes(name))
  if (news.length > 0) throw changed(plan, `${news[0]} has changed since`)
  return renameAside(plan.path, trash)
}

/** On another file system than `trash`, beside the worktree instead: a rename is at once and whole, a copy is neither. */
async function renameAside(path: string, trash: string): Promise<string> {
  const name = `${basename(path)}.${randomUUID().slice(0, 8)}`
  await mkdir(trash, { recursive: true, mode: 0o700 })
  try {
    await rename(path, join(trash, name))
    return join(trash, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    const beside = join(dirname(path), `.${name}.orch-trash`)
    await rename(path, beside)
    return beside
  }
}

function nameOf(change: { readonly path: string }): string {
  return Buffer.from(change.path, 'latin1').toString('utf8')
}

function refuse(reason: RemovalRefusal['reason'], detail: string): RemovalRefusal {
  return { kind: 'refused', reason, detail }
}

function changed(plan: RemovalPlan, why: string): Failure {
  return new Failure('worktree-changed', `${plan.path} was not removed: ${why}`, {
    facts: { path: plan.path },
    safe: 'Nothing was removed.',
    next: 'Plan the removal again.',
  })
}
