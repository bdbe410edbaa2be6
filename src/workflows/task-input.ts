import type { Contract, Department, FeatureSettings, Ownership, PermissionMode, Phase, Subagent } from '../domain/features/department.ts'
import type { GateRule } from '../domain/gates/gate.ts'
import type { Step } from '../domain/queue/step.ts'
import type { Json } from '../ports/engine.ts'

/** What a task's run is started with; recorded, so a later change of orch.yaml does not change a task under way. */
export type TaskInput = {
  readonly handle: string
  readonly project: string
  /** Absolute path of the main worktree or the bare repository. */
  readonly repository: string
  readonly kind: 'backlog' | 'spawned' | 'quick' | 'manual' | 'feature' | 'part'
  readonly task: {
    readonly id: string
    readonly title: string
    readonly body: string
    readonly needs: readonly string[]
    readonly owns: readonly string[]
    readonly department?: string
  }
  /** Path of the backlog relative to the repository root; absent for tasks that are in no backlog. */
  readonly backlog?: string
  readonly branch: string
  readonly worktree: string
  readonly target: string
  /** A revision to start from instead of the target's tip. */
  readonly base?: string
  readonly priority: number
  /** Names a stored environment: see Environments. */
  readonly environment: string
  readonly settings: TaskSettings
  /** Several sessions side by side on this task, the best of which lands. */
  readonly contest?: ContestSettings
  /** This is one of them: of the task with this handle and run. */
  readonly attemptOf?: { readonly task: string; readonly run: string; readonly number: number }
  /** The work is split over departments, each a task of its own; this run leads them. */
  readonly feature?: FeatureSettings
  /** This is one department's part of a feature. */
  readonly part?: PartSettings
  /** Of a manual task: the person's own conversation, where it was there before the task. */
  readonly conversation?: string
  /** The client's id of the request that started it. */
  readonly request?: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
} & { readonly [key: string]: Json | undefined }

export type ContestSettings = {
  readonly attempts: readonly AttemptSettings[]
  /** `ask`: the best is proposed. */
  readonly take: 'ask' | 'best'
  /** From this score on it is taken without asking. */
  readonly accept?: number
}

export type AttemptSettings = {
  /** From 1 on. */
  readonly number: number
  readonly branch: string
  readonly worktree: string
  readonly model?: string
  /** Said to this one besides the task. */
  readonly prompt?: string
}

export type PartSettings = {
  /** Handle and run of the feature. */
  readonly feature: string
  readonly run: string
  readonly phase: Phase
  readonly department: Department
  /** All departments of the feature, this one too. */
  readonly departments: readonly Department[]
  readonly contracts: readonly Contract[]
  readonly ownership: Ownership
  /** Its session writes its plan, its integration points and its contract to the board before it edits. */
  readonly hasDiscovery: boolean
  readonly hasReviews: boolean
  readonly reviewRounds: number
  /** What its TASK.md says. */
  readonly brief: string
  /** See FeatureSettings. */
  readonly reviewerPrompt: string
  /** Of an integration: the departments' work that its branch begins with, and what could not be merged into that. */
  readonly merges?: { readonly merged: readonly PartHead[]; readonly unmerged: readonly UnmergedPart[] }
}

export type PartHead = { readonly department: string; readonly commit: string }
export type UnmergedPart = PartHead & { readonly files: readonly string[] }

export type TaskSettings = {
  readonly agent: 'claude-code' | { readonly command: readonly string[] }
  readonly claudePath?: string
  readonly model?: string
  readonly budgetUsd?: number
  readonly retries: number
  readonly copy: readonly string[]
  readonly setup?: string
  readonly setupTimeoutMs: number
  /** One line in tasks of older versions, and where the task has a validation of its own. */
  readonly validate?: string | readonly Step[]
  readonly validateTimeoutMs: number
  readonly land: 'auto' | 'review'
  readonly tick: 'commit' | 'file' | 'never'
  readonly permissions: { readonly allow: readonly string[]; readonly ask: readonly string[]; readonly deny: readonly string[] }
  readonly nudgeAfterMs: number
  readonly stallAfterMs: number
  /** Where only a person decides; absent in tasks of earlier versions. */
  readonly gates?: readonly GateRule[]
  /** A session that waits for a person or for an answer for so long is ended, and resumed with the answer. */
  readonly parkAfterMs?: number
  readonly tools?: readonly string[]
  readonly permissionMode?: PermissionMode
  readonly subagents?: Readonly<Record<string, Subagent>>
  /** What happens to an edit outside of the task's `owns`; absent in tasks of earlier versions: nothing. */
  readonly ownership?: Ownership
  /** Sessions at once in this project. */
  readonly max: number
  /** How a landing is written into the target's history. Tasks of older journals have none: merge. */
  readonly strategy?: 'merge' | 'squash' | 'rebase'
  /** Tasks of older journals have none: pass-by. */
  readonly hooks?: 'pass-by' | 'refuse'
  /** Test runs of the queue at once. */
  readonly slots?: number
  /** Trees kept ready for worktrees; absent in tasks of earlier versions. */
  readonly pool?: number
  /** Ignored folders that may be copied from worktree to worktree; absent in tasks of earlier versions. */
  readonly shareDependencies?: readonly string[]
}

/** Runs begun before `retries` had its name recorded it as `attempts`. */
export function retriesOf(settings: TaskSettings & { readonly attempts?: number }): number {
  return settings.retries ?? settings.attempts
}
