import type { Status } from '../../../domain/tasks/task-status.ts'
import { taskAbove, type TaskStatus } from '../../../protocol/task-status.ts'
import { byUrgency } from '../../../protocol/urgency.ts'

export type FleetRow =
  | { readonly kind: 'group'; readonly status: Status; readonly count: number }
  /** Shown apart, below all tasks; nobody can select it. */
  | { readonly kind: 'apart'; readonly text: string; readonly indent: number }
  | { readonly kind: 'task'; readonly task: TaskStatus; readonly number: number; readonly isInner: boolean }

export interface Choice {
  /** Words that must all be found in what a task is called, is about or does; none: all tasks. */
  readonly filter: string
  /** Whether what has landed or was put away is shown. */
  readonly isWhole: boolean
}

/** The list from top to bottom: each group with its tasks, most urgent first, parts and attempts below the task that leads them. */
export function fleetRows(tasks: readonly TaskStatus[], choice: Choice): readonly FleetRow[] {
  const shown = byUrgency(chosen(tasks, choice))
  const handles = new Set(shown.map(({ handle }) => handle))
  const isInner = (task: TaskStatus): boolean => handles.has(taskAbove(task) ?? '')
  const counts = new Map<Status, number>()
  for (const task of shown) if (!isInner(task)) counts.set(task.status, (counts.get(task.status) ?? 0) + 1)
  const rows: FleetRow[] = []
  let group: Status | undefined
  for (const [at, task] of shown.entries()) {
    const inner = isInner(task)
    if (!inner && task.status !== group) {
      group = task.status
      rows.push({ kind: 'group', status: group, count: counts.get(group) ?? 0 })
    }
    rows.push({ kind: 'task', task, number: at + 1, isInner: inner })
  }
  return rows
}

/** What runs here and is none of orch's. */
export function rowsApart(foreign: readonly string[] = []): readonly FleetRow[] {
  if (foreign.length === 0) return []
  return [
    { kind: 'apart', text: `Not orch's ${foreign.length}`, indent: 0 },
    ...foreign.map((text): FleetRow => ({ kind: 'apart', text, indent: 5 })),
  ]
}

/** A task that is found keeps the one that leads it, so that one sees where it belongs. */
function chosen(tasks: readonly TaskStatus[], { filter, isWhole }: Choice): readonly TaskStatus[] {
  const there = isWhole ? tasks : tasks.filter((task) => !isOver(task))
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return there
  const found = there.filter((task) => words.every((word) => wordsOf(task).includes(word)))
  const leaders = new Set(found.flatMap((task) => taskAbove(task) ?? []))
  return there.filter((task) => found.includes(task) || leaders.has(task.handle))
}

function isOver({ status }: TaskStatus): boolean {
  return status === 'Merged' || status === 'Archived'
}

function wordsOf({ handle, title, branch, status, reason, model = '' }: TaskStatus): string {
  return [handle, title, branch, status, reason, model].join('\n').toLowerCase()
}
