import { age } from '../../foundation/text.ts'
import type { Status } from '../../domain/tasks/task-status.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { elapsed } from '../../protocol/urgency.ts'
import type { Styles } from '../styles.ts'

/** After how long the monitor flags what: `warn.idle` and `warn.worktree-age`. */
export interface Warnings {
  readonly idleMs: number
  readonly worktreeAgeMs: number
}

export type Flag = 'idle' | 'silent' | 'old-worktree'

export function flagsOf(task: TaskStatus, now: number, warnings: Warnings): readonly Flag[] {
  const flags: Flag[] = []
  if (task.status === 'Idle' && elapsed(task.since, now) > warnings.idleMs) flags.push('idle')
  if (task.status === 'Working' && elapsed(task.seenAt, now) > warnings.idleMs) flags.push('silent')
  if (task.worktree !== undefined && task.status !== 'Archived' && elapsed(task.createdAt, now) > warnings.worktreeAgeMs)
    flags.push('old-worktree')
  return flags
}

export function flagWords(flag: Flag, warnings: Warnings): string {
  switch (flag) {
    case 'idle':
      return `idle over ${age(warnings.idleMs)}`
    case 'silent':
      return `no sign for over ${age(warnings.idleMs)}`
    case 'old-worktree':
      return `worktree over ${age(warnings.worktreeAgeMs)} old`
  }
}

/** Colour repeats what the word says; it never says it alone. */
export function styleStatus(styles: Styles, status: Status, text: string): string {
  switch (status) {
    case 'Needs you':
      return styles.bold(styles.yellow(text))
    case 'Working':
      return styles.cyan(text)
    case 'Review':
      return styles.magenta(text)
    case 'Failed':
      return styles.red(text)
    case 'Merged':
      return styles.green(text)
    case 'Idle':
    case 'Setting up':
      return text
    case 'Queued':
    case 'Archived':
      return styles.dim(text)
  }
}
