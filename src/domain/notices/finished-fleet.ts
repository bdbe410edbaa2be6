import type { Status } from '../tasks/task-status.ts'

/** Of a task, what says with which others it ran. */
export interface FleetTask {
  readonly kind: string
  readonly status: Status
  /** ISO times. */
  readonly since: string
  readonly createdAt: string
  /** An attempt or a part: what becomes of it is told by its task or feature. */
  readonly isInner: boolean
}

/** Epoch milliseconds. */
export interface FinishedFleet {
  /** The newest of its tasks was begun then: a fleet that gets another task is another one. */
  readonly begun: number
  readonly ended: number
  readonly text: string
}

/** The tasks that were under way at the same time as the newest one, if they are several: what became of one alone is said by its own notice. */
export function finishedFleet(tasks: readonly FleetTask[]): FinishedFleet | undefined {
  const spans = tasks
    .filter(({ isInner, status, kind }) => !isInner && status !== 'Archived' && kind !== 'manual')
    .map((task) => ({ task, begun: Date.parse(task.createdAt), ended: Date.parse(task.since) }))
    .toSorted((a, b) => b.begun - a.begun)
  const [newest] = spans
  if (newest === undefined) return undefined
  const together = connected(spans, newest.begun)
  if (together.length < 2) return undefined
  return {
    begun: newest.begun,
    ended: Math.max(...together.map(({ ended }) => ended)),
    text: words(together.map(({ task }) => task)),
  }
}

type Span = { readonly task: FleetTask; readonly begun: number; readonly ended: number }

/** Newest first: each that was still at work when one of the later ones began, or began with it. */
function connected(spans: readonly Span[], from: number): readonly Span[] {
  const found: Span[] = []
  for (const span of spans.toSorted((a, b) => b.ended - a.ended)) {
    if (span.ended < from) continue
    from = Math.min(from, span.begun)
    found.push(span)
  }
  return found
}

function words(tasks: readonly FleetTask[]): string {
  const count = (...statuses: readonly string[]): number => tasks.filter(({ status }) => statuses.includes(status)).length
  const [landed, waiting, failed] = [count('Merged'), count('Review'), count('Failed')]
  const others = tasks.length - landed - waiting - failed
  return [
    ...(landed > 0 ? [`${landed} landed`] : []),
    ...(waiting > 0 ? [`${waiting} ready for review`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(others > 0 ? [`${others} held back by them`] : []),
  ].join(', ')
}
