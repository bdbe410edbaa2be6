import type { Sha } from '../foundation/brand.ts'
import type { OverlapFile } from '../domain/radar/overlap.ts'

/** Sees what worktrees hold now, committed or not, and what of it would conflict, without touching any worktree, index or the repository's objects. */
export interface RadarSource {
  /** `repository` is any worktree of it. Failures as those of `Git.open`. */
  open(repository: string, logError: (error: unknown) => void): Promise<OpenRadar>
}

/** Of one repository. One call at a time. Keeps what it has seen, so that one changed worktree costs little. */
export interface OpenRadar {
  /**
   * All live worktrees each time; one that is not named any more is forgotten, one that is gone or half made gets no snapshot.
   * Nothing is run that an agent could have configured.
   */
  snapshotWorktrees(requests: readonly SnapshotRequest[]): Promise<readonly Snapshot[]>
  /** Pairs that conflict: worktrees with each other, and each with its target. */
  overlaps(sides: readonly OverlapSide[]): Promise<readonly PairOverlap[]>
  /** Commit of a branch by its short name. */
  tipOf(branch: string): Promise<Sha | undefined>
  /** Ends what is under way. */
  close(): Promise<void>
}

export interface SnapshotRequest {
  readonly path: string
  /**
   * Paths that may have changed since the last snapshot (of the whole worktree the first time), relative to it; `unknown`: all of it is
   * looked at. A moved HEAD or index is seen by itself.
   */
  readonly changed: readonly string[] | 'unknown'
}

export interface Snapshot {
  readonly path: string
  /** Where git keeps the worktree's HEAD and index. */
  readonly gitFolder: string
  readonly head: Sha
  /** HEAD with what is on disk, as a commit that only this radar knows; HEAD itself when the worktree is clean. */
  readonly commit: Sha
  /** Paths in which the two differ; without ignored files, nested repositories and orch's own. */
  readonly uncommitted: readonly string[]
  /** There were more or larger untracked files than are looked at. */
  readonly isPartial: boolean
}

export interface OverlapSide {
  readonly path: string
  /** Of the snapshot. */
  readonly commit: Sha
  readonly target?: { readonly name: string; readonly commit: Sha }
}

export interface PairOverlap {
  readonly one: string
  /** The other's path, or the name of the target. */
  readonly other: { readonly kind: 'worktree'; readonly path: string } | { readonly kind: 'target'; readonly name: string }
  /** At most 100. */
  readonly files: readonly OverlapFile[]
  readonly fileCount: number
}
