import { createHash } from 'node:crypto'

export const TIP = shaOf('tip')

/** Commits as names with all that they hold, and the departments' branches: what a feature's run asks git about. */
export class CommitWorld {
  /** Departments whose work does not merge with anything. */
  readonly clashing = new Set<string>()
  /** A branch that somebody moved by hand. */
  readonly moved = new Map<string, string>()
  readonly #ancestors = new Map<string, ReadonlySet<string>>([[TIP, new Set([TIP])]])
  readonly heads = new Map<string, string>()

  headOf(department: string): string {
    return this.heads.get(department) ?? ''
  }

  /** Whether the commit has this one. */
  holds(commit: string, one: string): boolean {
    return this.#ancestors.get(commit)?.has(one) === true
  }

  /** The same parents and words give the same commit. */
  commit(parents: readonly string[], text: string): string {
    const commit = shaOf([...parents, text].join(' '))
    this.#ancestors.set(commit, new Set([commit, ...parents.flatMap((parent) => [...(this.#ancestors.get(parent) ?? [parent])])]))
    return commit
  }

  repository() {
    const departmentAt = (commit: string): string | undefined => [...this.heads].find(([, head]) => head === commit)?.[0]
    const branchHead = (name: string): string => this.moved.get(name) ?? this.headOf(name)
    return {
      treeOf: async (commit: string) => commit,
      targetTip: async () => ({ commit: TIP, isWaiting: false }),
      isAncestor: async (one: string, commit: string) => this.holds(commit, one),
      resolve: async (ref: string) => branchHead(ref.split('/').at(-2) ?? ''),
      conflictsAmong: async (_tip: string, heads: readonly string[]) => {
        const [first] = heads
        const bad = heads.find((head) => this.clashing.has(departmentAt(head) ?? '') && head !== first)
        return { withTarget: [], unrelated: [], pairs: bad === undefined ? [] : [{ a: first, b: bad, files: ['page.ts'] }] }
      },
      buildCandidate: async ({ target, head }: { target: string; head: string }) =>
        this.clashing.has(departmentAt(head) ?? '')
          ? { conflicts: ['page.ts'] }
          : { commit: this.commit([target, head], 'merge'), tree: 't' },
      conflictHunks: async () => '<<<<<<<\na\n=======\nb\n>>>>>>>\n',
      commitsBetween: async () => [],
      changes: async () => ({ files: [], isCut: false }),
      mergeBase: async () => TIP,
      inspectWorktree: async (path: string) => {
        const head = this.headOf(path.slice('/wt/'.length))
        return { head, branch: `dept/${path.slice('/wt/'.length)}/pay`, uncommitted: [], lastCommit: { sha: head, subject: 'Work', at: 1 } }
      },
    }
  }
}

function shaOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
