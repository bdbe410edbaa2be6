import type { QueueEntry } from './entry.ts'

/** What lands together or not at all: one entry, a group, or entries that need each other. */
export type Unit = {
  /** Ids in merge order; never empty. */
  readonly members: readonly string[]
  /** Of the same batch, directly or not. They land before it or with it. */
  readonly needs: ReadonlySet<Unit>
}

/** In merge order, except that what a unit needs stands before it. */
export function unitsOf(entries: readonly QueueEntry[]): readonly Unit[] {
  const reached = entries.map((_, from) => reach(entries, from))
  const isSame = (a: number, b: number) => reached[a]?.has(b) === true && reached[b]?.has(a) === true
  const first = entries.map((_, at) => entries.findIndex((__, other) => other === at || isSame(at, other)))
  const units = new Map<number, { members: string[]; needs: Set<Unit>; at: number }>()
  entries.forEach(({ id }, at) => {
    const head = first[at] ?? at
    const unit = units.get(head) ?? { members: [], needs: new Set(), at: head }
    unit.members.push(id)
    units.set(head, unit)
  })
  for (const unit of units.values()) {
    for (const other of reached[unit.at] ?? []) {
      const needed = units.get(first[other] ?? other)
      if (needed !== undefined && needed !== unit) unit.needs.add(needed)
    }
  }
  return inOrderOfNeeds([...units.values()])
}

/** Everything that must land before or with it. */
function reach(entries: readonly QueueEntry[], from: number): ReadonlySet<number> {
  const seen = new Set([from])
  for (const at of seen) {
    const entry = entries[at]
    entries.forEach((other, index) => {
      const isMate = entry?.group !== undefined && other.group === entry.group
      if (isMate || entry?.needs.includes(other.name) === true) seen.add(index)
    })
  }
  return seen
}

/** Each after all that it needs, else as they come. */
export function inOrderOfNeeds(units: readonly Unit[]): readonly Unit[] {
  const placed = new Set<Unit>()
  const place = (unit: Unit) => {
    for (const needed of units) if (unit.needs.has(needed) && !placed.has(needed)) place(needed)
    placed.add(unit)
  }
  for (const unit of units) if (!placed.has(unit)) place(unit)
  return [...placed]
}

/** `units` without `gone` and without what needs one of them. */
export function without(units: readonly Unit[], gone: ReadonlySet<Unit>): readonly Unit[] {
  return units.filter((unit) => !gone.has(unit) && ![...unit.needs].some((needed) => gone.has(needed)))
}

/** `chosen` with all of `units` that they need, in the order of `units`. */
export function withNeeds(units: readonly Unit[], chosen: ReadonlySet<Unit>): readonly Unit[] {
  const wanted = new Set([...chosen].flatMap((unit) => [unit, ...unit.needs]))
  return units.filter((unit) => wanted.has(unit))
}
