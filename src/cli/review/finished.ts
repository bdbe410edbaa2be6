import type { ReviewItem } from '../../tui/review/item.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { taskAbove } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { shownTasks } from '../reading/shown-tasks.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { loadSkipped } from './skipped.ts'

/**
 * What waits for a person's judgement, most urgent first: what is finished, then what asks something about finished work, then tested work
 * that the checkout is in the way of, then what failed for good. What was skipped comes last. Names that are given are taken as they come.
 */
export function finishedWork(context: Context, words: readonly string[]): readonly ReviewItem[] {
  const skipped = loadSkipped(context.home)
  const toItem = (status: TaskStatus): ReviewItem => ({ status, isSkipped: isStillThere(status, skipped.get(status.handle)) })
  if (words.length > 0)
    return [...new Map(words.map((word) => requireTask(context, word)).map((task) => [task.handle, toItem(task)])).values()]
  return shownTasks(context, false)
    .tasks.filter((status) => rankOf(status) !== undefined)
    .map(toItem)
    .sort(
      (a, b) =>
        Number(a.isSkipped) - Number(b.isSkipped) ||
        (rankOf(a.status) ?? 0) - (rankOf(b.status) ?? 0) ||
        (a.status.since < b.status.since ? -1 : a.status.since > b.status.since ? 1 : 0),
    )
}

/** Undefined for what is not finished. */
function rankOf(task: TaskStatus): number | undefined {
  const { status, source, checkpoint, lastCommit, base, isWaitingForHuman } = task
  // Its task proposes the best attempt, and a feature all its parts.
  if (taskAbove(task) !== undefined) return undefined
  switch (status) {
    case 'Review':
      return isWaitingForHuman ? 0 : 1
    case 'Needs you':
      // Only a landing that is held is known from git.
      return checkpoint === undefined ? undefined : source === 'git' ? 3 : 2
    case 'Failed':
      return checkpoint !== undefined || (lastCommit !== undefined && lastCommit.sha !== base) ? 4 : undefined
    default:
      return undefined
  }
}

/** Skipped means: at that commit. */
function isStillThere({ lastCommit, checkpoint }: TaskStatus, skippedAt: string | undefined): boolean {
  return skippedAt !== undefined && (checkpoint?.commit ?? lastCommit?.sha) === skippedAt
}
