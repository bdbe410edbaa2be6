import type { TaskId } from '../../foundation/brand.ts'
import type { Node } from './graph.ts'
import { dependentsOf, findCycles, topologicalOrder } from './graph.ts'

export interface RunPlan {
  /** Every task that is not landed, each after its needs, in the order a run prefers. */
  readonly order: readonly TaskId[]
  /** What would run together if all tasks took equally long; none is larger than `max`. */
  readonly waves: readonly (readonly TaskId[])[]
  /** The longest chain of tasks that wait for each other. */
  readonly criticalPath: readonly TaskId[]
  readonly ready: readonly TaskId[]
  readonly blocked: readonly { readonly task: TaskId; readonly by: readonly TaskId[] }[]
  readonly cycles: readonly (readonly TaskId[])[]
}

/** Plans what is left to do. Needs that no task here has are taken as landed: `parseBacklog` refuses them earlier. */
export function planRun(tasks: readonly Node[], { max, landed }: { max: number; landed: ReadonlySet<TaskId> }): RunPlan {
  const open = openTasks(tasks, landed)
  const priorities = prioritiesOf(open)
  const blocked = open.filter((task) => task.needs.length > 0).map((task) => ({ task: task.id, by: task.needs }))
  const waves = toWaves(open, priorities, max)
  return {
    order: waves.flat(),
    waves,
    criticalPath: criticalPath(open, priorities),
    ready: byPriority(
      open.filter((task) => task.needs.length === 0),
      priorities,
    ),
    blocked,
    cycles: findCycles(open),
  }
}

/**
 * For each task the length of the longest chain that begins with it and goes on through those that need it, itself
 * included. Started highest first, the critical path never waits for side work (Hu's level algorithm).
 * `lengthOf` weighs tasks whose length is known. Tasks on a cycle have none.
 */
export function prioritiesOf(tasks: readonly Node[], lengthOf: (id: TaskId) => number = () => 1): Map<TaskId, number> {
  const dependents = dependentsOf(tasks)
  const priorities = new Map<TaskId, number>()
  for (const { id } of topologicalOrder(tasks).toReversed()) {
    let longest = 0
    for (const dependent of dependents.get(id) ?? []) longest = Math.max(longest, priorities.get(dependent) ?? 0)
    priorities.set(id, longest + lengthOf(id))
  }
  return priorities
}

export interface RunState {
  readonly landed: ReadonlySet<TaskId>
  /** Started and neither landed nor given up: each takes a place. */
  readonly running: ReadonlySet<TaskId>
  /** Given up or stopped: not started again by itself, and what needs them waits. */
  readonly settled: ReadonlySet<TaskId>
  readonly max: number
}

/** The tasks to start now, the most urgent first: their needs have landed and there is a place for them. */
export function nextReady(
  tasks: readonly Node[],
  state: RunState,
  priorities: ReadonlyMap<TaskId, number> = prioritiesOf(openTasks(tasks, state.landed)),
): TaskId[] {
  const free = Math.max(0, state.max - state.running.size)
  const ready = openTasks(tasks, state.landed).filter(
    (task) => task.needs.length === 0 && !state.running.has(task.id) && !state.settled.has(task.id),
  )
  return byPriority(ready, priorities).slice(0, free)
}

/** What is not landed, with only the needs that are not landed either. */
function openTasks(tasks: readonly Node[], landed: ReadonlySet<TaskId>): Node[] {
  const known = new Set(tasks.map((task) => task.id))
  return tasks
    .filter((task) => !landed.has(task.id))
    .map((task) => ({ id: task.id, needs: task.needs.filter((need) => known.has(need) && !landed.has(need)) }))
}

/** Ties keep the order of the file. */
function byPriority(tasks: readonly Node[], priorities: ReadonlyMap<TaskId, number>): TaskId[] {
  return tasks.map((task) => task.id).toSorted((a, b) => (priorities.get(b) ?? 0) - (priorities.get(a) ?? 0))
}

function toWaves(open: readonly Node[], priorities: ReadonlyMap<TaskId, number>, max: number): TaskId[][] {
  const dependents = dependentsOf(open)
  const waiting = new Map(open.map((task) => [task.id, new Set(task.needs).size]))
  const position = new Map(open.map((task, index) => [task.id, index]))
  const waves: TaskId[][] = []
  const rank = (a: TaskId, b: TaskId) =>
    (priorities.get(b) ?? 0) - (priorities.get(a) ?? 0) || (position.get(a) ?? 0) - (position.get(b) ?? 0)
  let ready = open
    .filter((task) => task.needs.length === 0)
    .map((task) => task.id)
    .toSorted(rank)
  while (ready.length > 0) {
    const wave = ready.slice(0, Math.max(1, max))
    const freed: TaskId[] = []
    for (const dependent of wave.flatMap((id) => dependents.get(id) ?? [])) {
      const left = (waiting.get(dependent) ?? 0) - 1
      waiting.set(dependent, left)
      if (left === 0) freed.push(dependent)
    }
    waves.push(wave)
    ready = [...ready.slice(wave.length), ...freed].toSorted(rank)
  }
  return waves
}

function criticalPath(open: readonly Node[], priorities: ReadonlyMap<TaskId, number>): TaskId[] {
  const dependents = dependentsOf(open)
  const path: TaskId[] = []
  let next: TaskId | undefined = byPriority(
    open.filter((task) => priorities.has(task.id)),
    priorities,
  )[0]
  while (next !== undefined) {
    path.push(next)
    next = (dependents.get(next) ?? [])
      .filter((id) => priorities.has(id))
      .toSorted((a, b) => (priorities.get(b) ?? 0) - (priorities.get(a) ?? 0))[0]
  }
  return path
}
