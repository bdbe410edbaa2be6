import type { TaskInput } from '../../workflows/task-input.ts'

/** The run that hears how this task stands: of the task that it is an attempt at, or of the feature that it is a part of. */
export function leaderOf({ attemptOf, part }: TaskInput): string | undefined {
  return attemptOf?.run ?? part?.run
}
