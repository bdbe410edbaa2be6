import type { RevertRequest } from '../../../ports/git-landings.ts'
import type { Candidate } from '../merging/candidates.ts'
import { writeCommit, writeStandIn } from '../merging/commits.ts'
import { requireSigning } from '../merging/signing.ts'
import { inMergeScratch, keepObjects, mergeTrees } from '../merging/tree-merge.ts'
import type { Place } from '../place.ts'
import { treeOf } from '../tree.ts'

/** `merge-tree` of git 2.39 takes no base: what was before is merged as a stand-in, a child of what is taken back. */
export async function buildRevert(place: Place, { target, from, to, message, trailers, at }: RevertRequest): Promise<Candidate> {
  const [signing, before, now] = await Promise.all([requireSigning(place), treeOf(place, from), treeOf(place, target)])
  return inMergeScratch(place, target, async (scratch) => {
    const standIn = await writeStandIn(place, scratch, before, [to])
    const merged = await mergeTrees(scratch, target, standIn)
    if (merged.kind === 'conflicts') return { conflicts: merged.files }
    if (merged.tree === now) return { commit: target, tree: now }
    const commit = await writeCommit(place, scratch, signing, { tree: merged.tree, parents: [target], message, trailers, at })
    await keepObjects(scratch)
    return { commit, tree: merged.tree }
  })
}
