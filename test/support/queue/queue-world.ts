import { createHash } from 'node:crypto'
import type { Sha } from '../../../src/foundation/brand.ts'

interface Commit {
  readonly tree: Sha
  readonly parents: readonly Sha[]
  /** Names of the branches whose work it holds. */
  readonly holds: readonly string[]
}

/** What a kill does not undo: a repository in which every branch adds its own name, and tests that fail where a bad name stands. */
export class QueueWorld {
  readonly commits = new Map<Sha, Commit>()
  readonly branches = new Map<string, Sha>()
  readonly bad = new Set<string>()
  /** Trees whose whole validation has passed. */
  readonly passed = new Set<Sha>()
  /** Each move of a target, as the names that it holds then. */
  readonly moves: string[] = []
  /** Tested merges that wait for a clean checkout, by target. */
  readonly waiting = new Map<string, Sha>()
  isCheckoutDirty = false
  /** Signatures differ from try to try. */
  isSigned = false
  #signatures = 0

  constructor(names: readonly string[]) {
    const root = this.commit([], [])
    this.branches.set('main', root)
    for (const name of names) this.branches.set(name, this.commit([root], [name]))
  }

  copy(): QueueWorld {
    const copy = new QueueWorld([])
    for (const [commit, content] of this.commits) copy.commits.set(commit, content)
    for (const [branch, head] of this.branches) copy.branches.set(branch, head)
    return copy
  }

  commit(parents: readonly Sha[], holds: readonly string[]): Sha {
    const tree = sha(['tree', ...holds.toSorted()])
    const commit = sha(['commit', tree, ...parents, this.isSigned ? String((this.#signatures += 1)) : ''])
    this.commits.set(commit, { tree, parents, holds })
    return commit
  }

  at(commit: Sha): Commit {
    const found = this.commits.get(commit)
    if (found === undefined) throw new Error(`there is no commit ${commit}`)
    return found
  }

  head(branch: string): Sha {
    const found = this.branches.get(branch)
    if (found === undefined) throw new Error(`there is no branch ${branch}`)
    return found
  }

  isAncestor(one: Sha, other: Sha): boolean {
    return one === other || this.at(other).parents.some((parent) => this.isAncestor(one, parent))
  }

  /** What is on the target, in any order. */
  landed(target = 'main'): readonly string[] {
    return this.at(this.head(target)).holds.toSorted()
  }
}

function sha(parts: readonly string[]): Sha {
  return createHash('sha1').update(parts.join('\n')).digest('hex') as Sha
}
