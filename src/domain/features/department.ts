/** A role with a domain, as `orch.yaml` says it over the built-in ones. */
export type Department = {
  readonly name: string
  /** Path of its prompt template, relative to the repository; the built-in one of that name (or `feature`) when absent. */
  readonly prompt?: string
  /** Globs of what it may change; empty: nothing is claimed. */
  readonly owns: readonly string[]
  /** Departments whose checkpoints it reviews, and globs of changed files that it wants to see. */
  readonly reviews: readonly string[]
  /** Its findings can only be passed over by the person. */
  readonly hasVeto: boolean
  readonly model?: string
  /** US dollars for its task. */
  readonly budgetUsd?: number
  /** Tools of its sessions, as Claude Code calls them; the usual ones when absent. */
  readonly tools?: readonly string[]
  readonly permissionMode?: PermissionMode
  /** Sub-agents that its sessions can call, by name. */
  readonly subagents?: Readonly<Record<string, Subagent>>
  readonly agent?: 'claude-code' | { readonly command: readonly string[] }
}

export const PERMISSION_MODES = ['acceptEdits', 'default', 'plan'] as const
export type PermissionMode = (typeof PERMISSION_MODES)[number]

export type Subagent = {
  readonly description: string
  readonly prompt: string
  readonly tools?: readonly string[]
  readonly model?: string
}

/** In which part of a feature's life a department works. */
export type Phase = 'foundation' | 'departments' | 'integration'

export function phaseOf(department: string): Phase {
  return department === 'foundation' || department === 'integration' ? department : 'departments'
}

/** Which of the phases a feature has; `discovery` and `reviews` are steps of the departments' own phase. */
export type Phases = {
  readonly foundation: boolean
  readonly discovery: boolean
  readonly reviews: boolean
  readonly integration: boolean
}

/** Files that several departments build on. */
export type Contract = {
  /** Globs. */
  readonly files: readonly string[]
  /** The department that alone may change them. */
  readonly owner: string
  /** Departments that hear of every change with its diff; those that posted a `need` hear of it without being named here. */
  readonly neededBy?: readonly string[]
}

/** What a feature is begun with, recorded in its input. */
export type FeatureSettings = {
  /** In the order in which the person named them. */
  readonly departments: readonly Department[]
  readonly phases: Phases
  readonly contracts: readonly Contract[]
  readonly ownership: Ownership
  /** How often findings of reviewers go back to an author before the person is asked. */
  readonly reviewRounds: number
  /** How often a conflict between two departments goes back and forth before the person is asked. */
  readonly negotiationRounds: number
  /** Of each department's task, by its name: chosen once. */
  readonly names: Readonly<Record<string, { readonly branch: string; readonly worktree: string }>>
  /** What each department is told, by its name: its prompt with everything filled in. */
  readonly briefs: Readonly<Record<string, string>>
  /** The prompt of reviewing sessions, not filled in yet. */
  readonly reviewerPrompt: string
}

/** What happens to an edit outside of `owns`. */
export type Ownership = 'deny' | 'ask' | 'warn'
