import type { TaskId } from '../../foundation/brand.ts'

/** One unit of work with acceptance criteria: a line of tasks.md, a spawned or a quick task. */
export interface Task {
  readonly id: TaskId
  readonly title: string
  /** Markdown, dedented; empty when the task has only a title. */
  readonly body: string
  readonly needs: readonly TaskId[]
  /** Globs relative to the repository root; empty means that nothing is claimed. */
  readonly owns: readonly string[]
  /** A shell command line of the user's own; replaces the project's validation. */
  readonly validate?: string
  readonly retries?: number
  /** Sessions side by side, of which the best lands. */
  readonly attempts?: number
  /** Their models, in turn. */
  readonly attemptModels?: readonly string[]
  readonly department?: string
  readonly model?: string
  readonly budgetUsd?: number
}

/** A task as it stands in a backlog file. */
export interface BacklogTask extends Task {
  readonly isDone: boolean
  /** 1-based line of the `- [ ]`. */
  readonly line: number
  /** Byte offset of the character between the brackets, for ticking. */
  readonly boxOffset: number
}
