import { age } from '../../foundation/text.ts'
import { URGENCY } from '../../domain/tasks/task-status.ts'
import type { Status } from '../../domain/tasks/task-status.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { taskAbove } from '../../protocol/task-status.ts'
import type { Styles } from '../styles.ts'

/** Most urgent first; of the same urgency the one that has been so for longest; the attempts at a task below it. */
export function byUrgency(tasks: readonly TaskStatus[]): readonly TaskStatus[] {
  const shown = new Set(tasks.map(({ handle }) => handle))
  const below = new Map<string, TaskStatus[]>()
  const above: TaskStatus[] = []
  for (const task of tasks) {
    const leader = taskAbove(task)
    if (leader === undefined || !shown.has(leader)) above.push(task)
    else below.set(leader, [...(below.get(leader) ?? []), task])
  }
  return mostUrgentFirst(above).flatMap((task) => {
    const inner = below.get(task.handle) ?? []
    return [task, ...inner.sort((a, b) => placeIn(task, a) - placeIn(task, b))]
  })
}

/** Attempts by number, parts as they begin. */
function placeIn({ feature }: TaskStatus, { attemptOf, partOf }: TaskStatus): number {
  return attemptOf?.number ?? feature?.parts.findIndex(({ department }) => department === partOf?.department) ?? 0
}

/** Each piece of work once: a task's attempts and parts count with it, but for one that asks a person something. */
export function countedOnce(tasks: readonly TaskStatus[]): readonly TaskStatus[] {
  return tasks.filter((task) => taskAbove(task) === undefined || isAsking(task))
}

function isAsking({ requests, partOf, status }: TaskStatus): boolean {
  return requests.length > 0 || (partOf !== undefined && status === 'Needs you')
}

function mostUrgentFirst(tasks: readonly TaskStatus[]): readonly TaskStatus[] {
  return [...tasks].sort(
    (a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status) || compare(a.since, b.since) || compare(a.handle, b.handle),
  )
}

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

/** What attempts and parts cost is in the cost of their task. */
export function costOf(tasks: readonly TaskStatus[]): number {
  return tasks.filter((task) => taskAbove(task) === undefined).reduce((sum, task) => sum + task.costUsd, 0)
}

export function ageOf(iso: string, now: number): string {
  return Number.isNaN(Date.parse(iso)) ? '?' : age(elapsed(iso, now))
}

export function money(usd: number): string {
  return `$${usd.toFixed(2)}`
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

function elapsed(iso: string, now: number): number {
  const at = Date.parse(iso)
  return Number.isNaN(at) ? 0 : now - at
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
