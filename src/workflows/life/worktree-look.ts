/** What a task's worktree holds when a turn has ended. */
export type WorktreeLook = {
  readonly head: string
  readonly uncommitted: readonly string[]
  readonly lastCommit: { readonly sha: string; readonly subject: string; readonly at: number }
  readonly hasCommit: boolean
  readonly isReady: boolean
}
