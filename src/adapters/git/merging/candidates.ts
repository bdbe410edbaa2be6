import type { Sha } from '../../../foundation/brand.ts'
import { assertNever } from '../../../foundation/invariant.ts'
import type { CandidateRequest, MergeForecast } from '../../../ports/git.ts'
import { isAncestor } from '../history.ts'
import type { Place } from '../place.ts'
import type { Scratch } from '../scratch.ts'
import { treeOf } from '../tree.ts'
import { commitsOf, writeCommit } from './commits.ts'
import { editTree } from './edited-tree.ts'
import { replay, type ReplayedCommit } from './replay.ts'
import { requireSigning, type Signing } from './signing.ts'
import { inMergeScratch, keepObjects, mergeTrees, requireBase } from './tree-merge.ts'

export async function forecastMerge(place: Place, target: Sha, head: Sha): Promise<MergeForecast> {
  if (await isAncestor(place, head, target)) return { kind: 'already-merged' }
  await requireBase(place, target, head)
  return inMergeScratch(place, target, async (scratch) => mergeTrees(scratch, target, head))
}

export type Candidate = { readonly commit: Sha; readonly tree: Sha } | { readonly conflicts: readonly string[] }

export async function buildCandidate(place: Place, request: CandidateRequest): Promise<Candidate> {
  const [base, signing] = await Promise.all([requireBase(place, request.target, request.head), requireSigning(place)])
  return inMergeScratch(place, request.target, async (scratch) => {
    const build = { place, scratch, signing, request, base }
    const built = base === request.head ? await editTarget(build) : await combine(build)
    if ('commit' in built && built.commit !== request.target) await keepObjects(scratch)
    return built
  })
}

interface Build {
  readonly place: Place
  readonly scratch: Scratch
  readonly signing: Signing
  readonly request: CandidateRequest
  readonly base: Sha
}

/** The head is in the target already: there is nothing but the edits. */
async function editTarget({ place, scratch, signing, request: { target, edits, ...text } }: Build): Promise<Candidate> {
  const before = await treeOf(place, target)
  const tree = await editTree(scratch, before, edits)
  if (tree === before) return { commit: target, tree }
  return { commit: await writeCommit(place, scratch, signing, { ...text, tree, parents: [target] }), tree }
}

async function combine(build: Build): Promise<Candidate> {
  const { strategy } = build.request
  switch (strategy) {
    case 'merge':
    case 'squash':
      return combineWhole(build, strategy)
    case 'rebase':
      return rebase(build)
    default:
      return assertNever(strategy)
  }
}

/** In one commit. A merge has two parents also where the target could just move on: so each landing carries its trailers, and can be taken back. */
async function combineWhole(build: Build, strategy: 'merge' | 'squash'): Promise<Candidate> {
  const { place, scratch, signing, base } = build
  const { target, head, edits, ...text } = build.request
  const merged = base === target ? ({ kind: 'clean', tree: await treeOf(place, head) } as const) : await mergeTrees(scratch, target, head)
  if (merged.kind === 'conflicts') return { conflicts: merged.files }
  const tree = await editTree(scratch, merged.tree, edits)
  const author = strategy === 'squash' ? (await commitsOf(place, base, head)).at(-1)?.author : undefined
  const parents = strategy === 'squash' ? [target] : [target, head]
  return { commit: await writeCommit(place, scratch, signing, { ...text, tree, parents, ...(author && { author }) }), tree }
}

/**
 * Commit by commit, where that can be done. In one commit where the branch holds merges (what a merge resolved is in none of its commits),
 * where nothing is left of the commits (the landing is recorded all the same), and where a step conflicts that the whole does not:
 * whether a branch can land depends on its content and the target's, not on how it came about.
 */
async function rebase(build: Build): Promise<Candidate> {
  const { place, scratch, request } = build
  const commits = await commitsOf(place, request.target, request.head)
  const isLine = commits.every((commit) => commit.parents.length === 1)
  const replayed = isLine ? await replay(place, scratch, request.target, commits) : []
  return 'kind' in replayed || replayed.length === 0 ? combineWhole(build, 'squash') : writeLine(build, replayed)
}

/** Each commit carries the trailers: a landing is a run of commits that say the same. The last one has the edits. */
async function writeLine({ place, scratch, signing, request }: Build, replayed: readonly ReplayedCommit[]): Promise<Candidate> {
  const { trailers, at, edits } = request
  let [parent, last] = [request.target, request.target]
  for (const [index, { commit, tree: replayedTree }] of replayed.entries()) {
    last = index === replayed.length - 1 ? await editTree(scratch, replayedTree, edits) : replayedTree
    const { author, message } = commit
    parent = await writeCommit(place, scratch, signing, { tree: last, parents: [parent], author, message, trailers, at })
  }
  return { commit: parent, tree: last }
}
