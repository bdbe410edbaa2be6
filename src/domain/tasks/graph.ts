import type { TaskId } from '../../foundation/brand.ts'

/** What the order of tasks depends on. Needs that name no task of the list are ignored here. */
export interface Node {
  readonly id: TaskId
  readonly needs: readonly TaskId[]
}

/**
 * Order by needs, ties in the order given (Kahn). Tasks on a cycle, or behind one, are left out.
 */
export function topologicalOrder<T extends Node>(nodes: readonly T[]): T[] {
  const dependents = dependentsOf(nodes)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const open = new Map(nodes.map((node) => [node.id, new Set(node.needs.filter((need) => byId.has(need))).size]))
  const order = nodes.filter((node) => open.get(node.id) === 0)
  for (let index = 0; index < order.length; index++) {
    for (const id of dependents.get(order[index]?.id as TaskId) ?? []) {
      const left = (open.get(id) ?? 0) - 1
      open.set(id, left)
      const node = byId.get(id)
      if (left === 0 && node !== undefined) order.push(node)
    }
  }
  return order
}

/** For each task those that need it directly, each once, in the order given. */
export function dependentsOf(nodes: readonly Node[]): Map<TaskId, TaskId[]> {
  const dependents = new Map<TaskId, TaskId[]>(nodes.map((node) => [node.id, []]))
  for (const node of nodes) {
    for (const need of new Set(node.needs)) dependents.get(need)?.push(node.id)
  }
  return dependents
}

/** One cycle for each knot of tasks that need each other (strongly connected), as a path in which each needs the next. */
export function findCycles(nodes: readonly Node[]): TaskId[][] {
  const sorted = new Set(topologicalOrder(nodes).map((node) => node.id))
  const left = new Map(nodes.filter((node) => !sorted.has(node.id)).map((node) => [node.id, node.needs]))
  const finished = new Set<TaskId>()
  const cycles: TaskId[][] = []
  for (const start of left.keys()) {
    const cycle = walk(start, left, finished)
    if (cycle !== undefined) cycles.push(cycle)
  }
  return cycles
}

/** Depth first without recursion (a chain may have thousands of tasks); everything seen on the way is finished afterwards. */
function walk(start: TaskId, needs: ReadonlyMap<TaskId, readonly TaskId[]>, finished: Set<TaskId>): TaskId[] | undefined {
  const path: { id: TaskId; next: number }[] = finished.has(start) ? [] : [{ id: start, next: 0 }]
  const onPath = new Set(path.map(({ id }) => id))
  let cycle: TaskId[] | undefined
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const need = needs.get(top.id)?.[top.next++]
    if (need === undefined) {
      path.pop()
      onPath.delete(top.id)
      finished.add(top.id)
    } else if (onPath.has(need)) {
      cycle ??= path.slice(path.findIndex(({ id }) => id === need)).map(({ id }) => id)
    } else if (needs.has(need) && !finished.has(need)) {
      path.push({ id: need, next: 0 })
      onPath.add(need)
    }
  }
  return cycle
}

/** Answers whether one task comes before the other through needs, in either direction. The nodes have no cycle. */
export function relation(nodes: readonly Node[]): (a: TaskId, b: TaskId) => boolean {
  const order = topologicalOrder(nodes)
  const indexOf = new Map(order.map((node, index) => [node.id, index]))
  const words = Math.ceil(order.length / 32)
  const ancestors = order.map(() => new Uint32Array(words))
  order.forEach((node, index) => {
    const own = ancestors[index]
    for (const need of node.needs) {
      const at = indexOf.get(need)
      const theirs = at === undefined ? undefined : ancestors[at]
      if (own === undefined || at === undefined || theirs === undefined) continue
      for (let word = 0; word < words; word++) own[word] = (own[word] ?? 0) | (theirs[word] ?? 0)
      own[at >>> 5] = (own[at >>> 5] ?? 0) | (1 << (at & 31))
    }
  })
  const reaches = (from: number, to: number) => ((ancestors[from]?.[to >>> 5] ?? 0) & (1 << (to & 31))) !== 0
  return (a, b) => {
    const [first, second] = [indexOf.get(a), indexOf.get(b)]
    return first !== undefined && second !== undefined && (reaches(first, second) || reaches(second, first))
  }
}
