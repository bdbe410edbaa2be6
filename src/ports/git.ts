import type { Sha } from '../foundation/brand.ts'
import type { ConflictsAmong } from './git-conflicts.ts'
import type { LandingObstacle, PastLanding, RevertRequest } from './git-landings.ts'
import type { BlameRequest, ChangedFile, Changes } from './git-reading.ts'

/** The git of the user's machine. One `Repository` per common directory. */
export interface Git {
  /** Opens the repository that contains `path` (any worktree of it). Failures: `not-a-repository`, `git-missing`, `git-too-old`, `unsupported-repository`. */
  open(path: string): Promise<Repository>
}

/** Failures thrown: `git-failed` {argv, exitCode, stderr}, `git-timeout`, and those named at each method. Branch names are short (`feature/x`). */
export interface Repository {
  /** Real path of the main worktree's root; of the bare repository itself if it has none. */
  readonly root: string
  /** Real path of the common `.git` directory. */
  readonly commonDir: string

  describe(): Promise<RepositoryFacts>
  /** Of `describe`, what every beginning of work and every audit asks: read without a process. */
  standing(): Promise<RepositoryStanding>
  /** What killed processes left behind: git's lock files, half-made worktrees, worktrees whose folder is gone. Only looks. */
  diagnose(): Promise<readonly RepositoryTrouble[]>
  /** Fetches the branch's upstream if there is a remote, then resolves it. Offline: the local commit and `isFetched: false` with the reason; no remote is no reason. */
  freshBase(branch: string): Promise<{ commit: Sha; isFetched: boolean; reason?: string }>
  resolve(rev: string): Promise<Sha | undefined>
  isAncestor(ancestor: Sha, descendant: Sha): Promise<boolean>
  /** The best common ancestor; undefined for unrelated histories. */
  mergeBase(a: Sha, b: Sha): Promise<Sha | undefined>

  listWorktrees(): Promise<readonly WorktreeFacts[]>
  /**
   * Makes sure that a linked worktree for the branch exists at `path`, under the repository's cross-process lock; half-made ones are swept,
   * an existing branch is accepted when it is at `base` or descends from it, or this call's own earlier try made it.
   * Copies what `copy` and `.worktreeinclude` name from the main worktree (never linked, never over a tracked file, no symlink followed out).
   * Lists orch's own file names in `info/exclude`. Repeating it answers what the first time answered.
   * Failures: `path-taken`, `branch-taken`, `bad-branch-name`, `bad-path`, `lock-timeout`.
   */
  ensureWorktree(request: WorktreeRequest): Promise<EnsuredWorktree>
  /**
   * Keeps trees ready that `ensureWorktree` takes instead of checking files out; answers how many there are. They are in the common directory,
   * known to nobody but orch. There are none at size 0, where they would not pay, and in a sparse checkout.
   */
  tendPool(request: PoolRequest): Promise<number>
  /**
   * A worktree of orch's own at exactly this commit, detached and clean (made or moved there): for validating candidates. Of what the commit
   * ignores, the paths of `keep` (relative to the root, no patterns) stay; one that is a link or that the commit has something of does not.
   */
  ensureDetachedWorktree(path: string, commit: Sha, options?: { readonly keep?: readonly string[] }): Promise<void>
  /** Takes such a worktree away, files and entry. Idempotent; Failure `path-taken` for a branch's worktree. */
  removeDetachedWorktree(path: string): Promise<void>
  /** What is there and ignored, relative to its root, a wholly ignored folder as one path; fit for `keep`. Runs nothing of the owner's. */
  ignoredPaths(path: string): Promise<readonly string[]>
  /** State of one worktree without running anything that its owner could have planted (fsmonitor, filters, hooks, nested repositories off). */
  inspectWorktree(path: string): Promise<WorktreeState>
  /** Writes tracked, untracked and staged work of the worktree as a commit on its HEAD under `refs/orch/backup/<id>`; undefined when there is none. Touches neither index nor files. */
  backupWorktree(path: string, id: string): Promise<{ ref: string; commit: Sha } | undefined>
  /**
   * Renames the worktree into the folder `trash` and forgets it, under the lock. Only with a RemovalPlan that `planRemoval` gave, and re-checked:
   * Failure `worktree-changed`. Answers where the files are now, for the caller to delete (beside the worktree if `trash` is on another
   * file system); undefined when an earlier call had removed them.
   */
  removeWorktree(plan: RemovalPlan, trash: string): Promise<string | undefined>
  /** What removing would take and why it may not. `merged` branches can be deleted. */
  planRemoval(path: string, branch: string, options: { target: string; abandon: boolean }): Promise<RemovalPlan | RemovalRefusal>
  /** Idempotent. Failures: `branch-in-use`, `not-merged` (no other ref keeps `expected`), `ref-moved`. `isRemade`: orch made its commit and can again, so nothing need keep it. */
  deleteBranch(branch: string, expected: Sha, options?: { readonly isRemade: boolean }): Promise<void>
  /** Idempotent. Failures: `branch-taken` (it is at another commit), `bad-branch-name`. */
  createBranch(branch: string, commit: Sha): Promise<void>
  /** Deletes the remote branch if it still is at `expected`; Failure `ref-moved`. */
  deleteRemoteBranch(remote: string, branch: string, expected: Sha): Promise<'deleted' | 'absent'>

  /** Merges `branchHead` into `targetHead` in the object database (scratch objects); nothing is touched. Failure `unrelated-histories`. */
  forecastMerge(targetHead: Sha, branchHead: Sha): Promise<MergeForecast>
  /** All conflicts of the heads with the target and with each other, as merging every two would find them. Nothing is written to the repository. */
  conflictsAmong(target: Sha, heads: readonly Sha[]): Promise<ConflictsAmong>
  /** These files' conflicts with markers (`ours`, `theirs`), as they were written: not safe for a terminal. At most `maxBytes` (8 KB unless given). */
  conflictHunks(ours: Sha, theirs: Sha, files: readonly string[], maxBytes?: number): Promise<string>
  /**
   * What is to be tested and, if it passes, to land: the target with the branch in it, `edits` replacing files of the result. Deterministic for the
   * same request. A head that the target holds already answers the target itself (with `edits` that change something: one commit on top of it).
   * `conflicts` only when the two conflict as a whole, whatever the strategy. Where the user has commits signed these are (and then two builds may
   * differ in that): Failures `signing-failed`, `signing-refused` (the repository's own configuration has a say in it).
   */
  buildCandidate(request: CandidateRequest): Promise<{ commit: Sha; tree: Sha } | { conflicts: readonly string[] }>
  readFile(commit: Sha, path: string): Promise<Uint8Array | undefined>
  /** What changed between two commits, with renames, without running anything that configuration or attributes name. */
  diff(from: Sha, to: Sha, options?: DiffOptions): Promise<Patch>
  /** The same for a worktree's uncommitted work, untracked files included, against its HEAD: files byte for byte, nothing written or run. */
  diffUncommitted(path: string, options?: DiffOptions): Promise<Patch>
  treeOf(commit: Sha): Promise<Sha>
  /** Those of `base..head`, newest first, at most `limit`. */
  commitsBetween(base: Sha, head: Sha, limit: number): Promise<readonly CommitFacts[]>
  changes(from: Sha, to: Sha): Promise<Changes>
  /** For each line the commit of `base..commit` that changed it last; undefined: older than `base`, no such line, or too much to find out. */
  blameLines(request: BlameRequest): Promise<readonly (Sha | undefined)[]>
  /** Files of the commit (no submodules), each with the id of its content. */
  listFiles(commit: Sha): Promise<readonly { readonly path: string; readonly blob: Sha }[]>
  /**
   * Lands a tested candidate by compare-and-swap. When the target is checked out somewhere it moves with that checkout, and only if it is clean
   * (`allowDirty` names files that may differ as long as the candidate leaves them alone); else the candidate waits under `refs/orch/landing/<target>`.
   * Repeating a landing that has happened answers `landed`.
   */
  land(request: LandRequest): Promise<LandOutcome>
  /** The commit new work starts from: the waiting landing ref if it is ahead of the target, else the target. */
  targetTip(target: string): Promise<{ commit: Sha; isWaiting: boolean }>
  /** Moves the target to its waiting landing ref if the checkout is clean by now. */
  landWaiting(target: string, allowDirty: readonly string[]): Promise<LandOutcome | undefined>
  /** Nothing with this commit waits to land any more, nor what was built upon it; it is kept under `refs/orch/stray/`. */
  dropWaiting(target: string, commit: Sha): Promise<void>

  /** Newest first, of the target's newest 1000 first-parent commits. */
  lastLandings(target: Sha, limit: number): Promise<readonly PastLanding[]>
  /** Whether the target has this head, or a first-parent commit (of the newest 1000) with the trailer `Orch-Entry: <entry>`. */
  isLanded(head: Sha, target: Sha, entry: string): Promise<boolean>
  /** One commit on top of the target that takes back what changed between two of its commits; the target itself where nothing of it is left. */
  buildRevert(request: RevertRequest): Promise<{ commit: Sha; tree: Sha } | { conflicts: readonly string[] }>
  /** What of the user's configuration `git merge` would heed: signing, hooks. */
  landingObstacles(): Promise<readonly LandingObstacle[]>

  /** Installs or updates orch's `reference-transaction` guard in the common hooks folder; a foreign hook there is chained, never replaced. Active only for processes with ORCH_BRANCH set. */
  installGuard(): Promise<GuardState>
  /** Those that orch does not run, because the repository's own configuration, which a session can write, names them since orch began here. */
  unknownFilters(): Promise<readonly UnknownFilter[]>
  /** Runs it from now on (a dry run only says which it is). Failure `unknown-filter` when it is not the one that was shown under this id any more. */
  acceptFilter(id: string, options?: { readonly isDryRun?: boolean }): Promise<UnknownFilter>
  /** Removes the guard, the prepared trees and orch's block in `info/exclude`, if no orch worktree is left. */
  removeGuard(): Promise<void>
  /** All refs outside orch's own namespace: for the audit after every turn. */
  snapshotRefs(): Promise<Readonly<Record<string, Sha>>>
}

export interface RepositoryStanding {
  readonly isUnborn: boolean
  /** Short name of the branch that the main worktree has checked out; undefined when detached. */
  readonly headBranch?: string
  /** origin's HEAD branch, else main or master if it exists, else `headBranch`. */
  readonly defaultBranch?: string
}

export interface RepositoryFacts extends RepositoryStanding {
  readonly isBare: boolean
  readonly isShallow: boolean
  readonly hasSubmodules: boolean
  readonly remotes: readonly string[]
  readonly gitVersion: string
  readonly identity: 'present' | 'missing'
}

export interface RepositoryTrouble {
  readonly kind: 'stale-lock' | 'half-made-worktree' | 'lost-worktree'
  readonly path: string
}

export interface CommitFacts {
  readonly sha: Sha
  readonly subject: string
  readonly at: number
  readonly author: string
  readonly body: string
}
export interface WorktreeFacts {
  readonly path: string
  readonly head?: Sha
  readonly branch?: string
  readonly isMain: boolean
  readonly isPrunable: boolean
}
export interface WorktreeState {
  readonly head: Sha
  readonly branch?: string
  readonly lastCommit: CommitFacts
  /** Paths with uncommitted work, untracked included, orch's own files excluded. */
  readonly uncommitted: readonly string[]
  readonly operation?: 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'bisect'
}
export interface WorktreeRequest {
  readonly path: string
  readonly branch: string
  readonly base: Sha
  readonly copy: readonly string[]
  /** Written (0644) if the path is untracked and absent: TASK.md, AGENT_NOTES.md, CLAUDE.md. */
  readonly files: Readonly<Record<string, string>>
}
export interface PoolRequest {
  readonly size: number
  /** What they are checked out at; taking one for another commit costs what differs. */
  readonly commit: Sha
  /** A checkout of fewer is as fast as taking one. */
  readonly minimumFiles: number
  /** Ends the making of more. */
  readonly signal?: AbortSignal
}
export interface EnsuredWorktree {
  readonly path: string
  readonly head: Sha
  /** At `head`. */
  readonly lastCommit: CommitFacts
  readonly copied: readonly string[]
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
  /** For the person: submodules that were left empty. */
  readonly notes: readonly string[]
}
/** `audit-only`: the user's own `core.hooksPath` is left alone. */
export type GuardState = { readonly kind: 'installed' } | { readonly kind: 'audit-only'; readonly reason: string }
export interface UnknownFilter {
  /** Of the name and the settings: another definition has another. */
  readonly id: string
  readonly name: string
  /** Name and value of each, a line end in between; as they stand in the configuration, so not safe for a terminal. */
  readonly settings: readonly string[]
}
export interface DiffOptions {
  /** Only these files and folders, by their exact names. */
  readonly paths?: readonly string[]
  /** 3 unless given. */
  readonly contextLines?: number
  /** Of the text; 16 MiB unless given. */
  readonly maxBytes?: number
}
export interface Patch {
  /** git's unified format. File names in it are quoted where git must; `files` has them as they are. Not safe for a terminal. */
  readonly text: string
  /** All that changed, in the order of the text. */
  readonly files: readonly ChangedFile[]
  /** The text ends before a file for which there was no room. */
  readonly isCut: boolean
}
export type MergeForecast =
  | { readonly kind: 'clean'; readonly tree: Sha }
  | { readonly kind: 'conflicts'; readonly files: readonly string[] }
  | { readonly kind: 'already-merged' }
/**
 * `merge`: a commit with both parents, also where the target could just move on. `squash`: one commit by the author of the branch's newest.
 * `rebase`: each commit again on top of the target, with its author and date and with the trailers; those that change nothing there fall away.
 * A branch with merges in it, or whose commits only fit as a whole, is squashed then.
 */
export type LandingStrategy = 'merge' | 'squash' | 'rebase'
export interface CandidateRequest {
  readonly target: Sha
  readonly head: Sha
  readonly strategy: LandingStrategy
  readonly message: string
  readonly trailers: Readonly<Record<string, string>>
  readonly edits: Readonly<Record<string, Uint8Array>>
  /** Milliseconds since the epoch; recorded so that the same request gives the same commit. */
  readonly at: number
}
export interface LandRequest {
  readonly target: string
  readonly expected: Sha
  readonly candidate: Sha
  readonly allowDirty: readonly string[]
}
export type LandOutcome =
  | { readonly kind: 'landed'; readonly commit: Sha }
  | { readonly kind: 'waiting'; readonly ref: string; readonly checkout: string; readonly dirty: readonly string[] }
  | { readonly kind: 'target-moved'; readonly found: Sha }
export interface RemovalPlan {
  readonly kind: 'removal-plan'
  readonly path: string
  readonly branch: string
  readonly head: Sha
  readonly isMerged: boolean
  readonly uncommitted: readonly string[]
  /** The ref that keeps the commits: the target, another branch, a remote branch; the branch itself when it is abandoned unmerged (then `deleteBranch` refuses). */
  readonly keptBy: string
}
export interface RemovalRefusal {
  readonly kind: 'refused'
  readonly reason: 'not-merged' | 'operation-in-progress' | 'not-a-linked-worktree' | 'branch-mismatch' | 'nested-repository'
  readonly detail: string
}
