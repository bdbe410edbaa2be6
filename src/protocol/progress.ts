import type { TaskStatus } from './task-status.ts'

export type Standing = 'reached' | 'moving' | 'needs-human' | 'failed'
export type Goal = 'merged' | 'review' | 'idle' | 'needs-you' | 'settled'

/** How far one task is from the goal, and whether it can get there without a person. */
function standingOf(task: TaskStatus, goal: Goal): Standing {
  if (hasReached(task, goal)) return 'reached'
  if (task.status === 'Failed') return 'failed'
  return task.isWaitingForHuman ? 'needs-human' : 'moving'
}

/** The end of a fleet: undefined while anything can still move by itself. A queued task moves only if all that it needs can. */
export function fleetEnd(
  tasks: readonly TaskStatus[],
  goal: Goal,
): { failed: readonly TaskStatus[]; needsHuman: readonly TaskStatus[] } | undefined {
  const standings = new Map(tasks.map((task) => [task.handle, standingOf(task, goal)]))
  const leftForReview = new Set(tasks.filter((task) => task.status === 'Review' && task.isWaitingForHuman).map((task) => task.handle))
  const isStuck = (handle: string): boolean => leftForReview.has(handle) || ['failed', 'needs-human'].includes(standings.get(handle) ?? '')
  const isStuckBehind = (task: TaskStatus): boolean =>
    task.status === 'Queued' && task.needs.some((need) => isStuck(`${task.project}.${need}`))
  for (let hasChanged = true; hasChanged;) {
    hasChanged = false
    for (const task of tasks) {
      if (standings.get(task.handle) !== 'moving' || !isStuckBehind(task)) continue
      standings.set(task.handle, 'needs-human')
      hasChanged = true
    }
  }
  if ([...standings.values()].includes('moving')) return undefined
  const those = (standing: Standing) => tasks.filter((task) => standings.get(task.handle) === standing)
  return { failed: those('failed'), needsHuman: those('needs-human') }
}

function hasReached(task: TaskStatus, goal: Goal): boolean {
  const { status } = task
  const isLanded = status === 'Merged' || status === 'Archived'
  switch (goal) {
    case 'merged':
      return isLanded
    case 'review':
      return isLanded || status === 'Review'
    case 'idle':
      return !['Working', 'Setting up', 'Queued'].includes(status)
    case 'needs-you':
      return status === 'Needs you'
    case 'settled':
      return isLanded || (status === 'Review' && task.isWaitingForHuman)
  }
}
