import type { Sha } from '../../../foundation/brand.ts'
import type { Place } from '../place.ts'
import type { Scratch } from '../scratch.ts'
import { treeOf } from '../tree.ts'
import { writeStandIn, type WrittenCommit } from './commits.ts'
import { mergeTrees, type TreeMerge } from './tree-merge.ts'

export interface ReplayedCommit {
  readonly commit: WrittenCommit
  readonly tree: Sha
}

/**
 * The trees that these commits (a line, oldest first) have one after the other on top of `target`; those that change nothing there fall away.
 * `merge-tree` of git 2.39 takes no base, so each step merges the commit with a stand-in: what is there by now, as a child of the commit's parent.
 */
export async function replay(
  place: Place,
  scratch: Scratch,
  target: Sha,
  commits: readonly WrittenCommit[],
): Promise<readonly ReplayedCommit[] | Extract<TreeMerge, { kind: 'conflicts' }>> {
  const replayed: ReplayedCommit[] = []
  let tree = await treeOf(place, target)
  for (const commit of commits) {
    const standIn = await writeStandIn(place, scratch, tree, commit.parents)
    const merged = await mergeTrees(scratch, standIn, commit.sha)
    if (merged.kind === 'conflicts') return merged
    if (merged.tree !== tree) replayed.push({ commit, tree: merged.tree })
    tree = merged.tree
  }
  return replayed
}
