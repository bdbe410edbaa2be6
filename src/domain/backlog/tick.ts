import type { TaskId } from '../../foundation/brand.ts'
import { parseBacklog } from './backlog.ts'
import type { BacklogTask } from '../tasks/task.ts'

export type TickOutcome =
  | { readonly kind: 'ticked'; readonly bytes: Uint8Array }
  | { readonly kind: 'already-ticked' }
  /** Renamed, removed, given twice by now, or in a file that can no longer be read. */
  | { readonly kind: 'not-found' }

/**
 * Ticks a task's box in the file as it is now, which may have changed since the task was read.
 * The edit replaces one byte by another; line ends, encoding and everything else stay.
 * An id alone finds its task; where several share it by now, the title decides.
 */
export function tickTask(file: Uint8Array, id: TaskId, title: string): TickOutcome {
  const found = findTask(parseBacklog(file).tasks, id, title)
  if (found === undefined) return { kind: 'not-found' }
  if (found.isDone) return { kind: 'already-ticked' }
  const bytes = Uint8Array.from(file)
  bytes[found.boxOffset] = 'x'.charCodeAt(0)
  return { kind: 'ticked', bytes }
}

function findTask(tasks: readonly BacklogTask[], id: TaskId, title: string): BacklogTask | undefined {
  const named = tasks.filter((task) => task.id === id)
  const titled = named.length > 1 ? named.filter((task) => task.title === title) : named
  return titled.length > 1 && titled.every((task) => task.isDone) ? titled[0] : titled.length === 1 ? titled[0] : undefined
}
