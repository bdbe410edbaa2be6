import type { ContestFacts } from '../domain/attempts/contest-facts.ts'
import type { FeatureFacts } from '../domain/features/feature-facts.ts'
import type { AgentQuestion } from '../domain/sessions/session-event.ts'
import type { Source, Status } from '../domain/tasks/task-status.ts'

/** What `sessions/<handle>/status.json` holds and what every reading command prints with `--json`. */
export interface TaskStatus {
  readonly schema: 1
  readonly handle: string
  readonly project: string
  /** Absolute path of the main worktree (or bare repository). */
  readonly repository: string
  readonly task: string
  readonly title: string
  readonly kind: 'backlog' | 'spawned' | 'quick' | 'manual' | 'feature' | 'part'
  readonly needs: readonly string[]
  readonly branch: string
  /** Absolute; absent until it is made. */
  readonly worktree?: string
  readonly base?: string
  readonly target: string
  readonly status: Status
  /** One plain line: why it has this status. */
  readonly reason: string
  /** What a person may type now. */
  readonly next?: string
  /** Nothing more happens to it until a person does something. */
  readonly isWaitingForHuman: boolean
  readonly source: Source
  /** ISO times. `since`: when this status began; `seenAt`: the newest sign behind it. */
  readonly since: string
  readonly seenAt: string
  readonly createdAt: string
  readonly attempt: number
  readonly costUsd: number
  readonly tokens: { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheCreation: number }
  readonly lastCommit?: { readonly sha: string; readonly subject: string; readonly at: string }
  /** Number of paths with uncommitted work; absent when not known. */
  readonly uncommitted?: number
  /** Bound to one commit; `isInferred` when nobody said `orch done`. */
  readonly checkpoint?: { readonly commit: string; readonly isInferred: boolean; readonly at: string; readonly message: string }
  readonly verdict?: { readonly commit: string; readonly isPassed: boolean; readonly summary: string; readonly at: string }
  /** Of the departments that reviewed its newest checkpoint; each counts for its commit only. */
  readonly verdicts?: readonly TaskVerdict[]
  /** What reviewing it has cost so far; part of `costUsd`. */
  readonly reviewsUsd?: number
  readonly landedAs?: string
  /** Who else changes the same, by the radar's last look: most urgent first. Absent when nobody does. */
  readonly overlaps?: readonly TaskOverlap[]
  readonly requests: readonly TaskRequestShown[]
  /** Messages to the human (`orch tell`, `orch blocked`), newest last, at most 20. */
  readonly messages: readonly { readonly at: string; readonly kind: string; readonly text: string }[]
  /** This is one of several attempts at a task. */
  readonly attemptOf?: { readonly task: string; readonly number: number }
  /** This is one department's part of a feature. */
  readonly partOf?: { readonly feature: string; readonly department: string }
  /** Its parts, where it is a feature. `costUsd` then is that of all. */
  readonly feature?: FeatureFacts
  /** The model that was asked for; the agent's own default when absent. */
  readonly model?: string
  /** Its attempts, where it has several: how they compare and what became of them. `costUsd` then is that of all. */
  readonly contest?: ContestFacts
  /** Of the newest agent process: everything known of it. */
  readonly process?: { readonly folder: string }
}

export interface TaskRequestShown {
  readonly id: string
  readonly tool: string
  readonly summary: string
  readonly at: string
  /** It is answered by `orch answer`, not by `orch approve`. */
  readonly questions?: readonly AgentQuestion[]
}

export interface TaskVerdict {
  /** Name of the department. */
  readonly by: string
  readonly commit: string
  /** `failed`: it gave none, and `summary` says why. `passed-over`: the person decided against it. */
  readonly outcome: 'approve' | 'findings' | 'failed' | 'passed-over'
  /** How many of its findings keep the commit from landing. */
  readonly must: number
  readonly summary: string
  readonly at: string
}

export interface TaskOverlap {
  /** A task's handle, or the target branch where `isTarget`. */
  readonly with: string
  readonly isTarget: boolean
  /** The first of `fileCount`. */
  readonly files: readonly string[]
  readonly fileCount: number
  readonly since: string
  /** Commits of either side that it has outlived. */
  readonly survived: number
  readonly work: { readonly own: 'committed' | 'uncommitted'; readonly other: 'committed' | 'uncommitted' }
}

/** The task that shows this one below itself: of an attempt its task, of a part its feature. */
export function taskAbove({ attemptOf, partOf }: Pick<TaskStatus, 'attemptOf' | 'partOf'>): string | undefined {
  return attemptOf?.task ?? partOf?.feature
}
