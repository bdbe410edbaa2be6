import type { QueueEntry } from '../entry.ts'
import type { Unit } from '../units.ts'
import { unitsOf } from '../units.ts'
import type { ConflictGraph } from './independent-set.ts'
import { chooseIndependent, has, setOf } from './independent-set.ts'

/** By entry ids. */
export type Conflicts = {
  readonly pairs: readonly (readonly [string, string])[]
  /** Those that do not merge with the target as it is. */
  readonly withTarget: ReadonlySet<string>
}

export type LandingPlan = {
  /** In merge order: what is needed first, then by priority, then by arrival. */
  readonly order: readonly QueueEntry[]
  /** `with`: ids of those that land instead; empty if it is the target. */
  readonly conflicting: readonly { readonly entry: QueueEntry; readonly with: readonly string[] }[]
  /** `for`: ids of those without which they cannot land, and which do not. */
  readonly waiting: readonly { readonly entry: QueueEntry; readonly for: readonly string[] }[]
}

/**
 * The most entries that can land together, of a higher priority before any of lower ones: a maximum independent set of the conflict graph per
 * component, instead of sending back whoever comes later. What an entry needs comes with it, and a group comes whole.
 */
export function chooseLandable(entries: readonly QueueEntry[], conflicts: Conflicts): LandingPlan {
  const ranked = [...entries].sort(byPreference)
  const units = unitsOf(ranked)
  const foes = foesOf(conflicts)
  const isHopeless = (unit: Unit) => unit.members.some((id) => conflicts.withTarget.has(id))
  const chosen = new Set<string>()
  for (const component of componentsOf(units, foes)) {
    const set = chooseIndependent(graphOf(component, ranked, foes, isHopeless))
    component.forEach((unit, at) => {
      if (has(set, at)) for (const id of unit.members) chosen.add(id)
    })
  }
  return explain(ranked, units, chosen, foes, conflicts.withTarget)
}

function byPreference(a: QueueEntry, b: QueueEntry): number {
  return b.priority - a.priority || (a.rivals ?? 0) - (b.rivals ?? 0) || a.at - b.at || (a.id < b.id ? -1 : 1)
}

type Foes = ReadonlyMap<string, ReadonlySet<string>>

function foesOf({ pairs }: Conflicts): Foes {
  const foes = new Map<string, Set<string>>()
  const add = (id: string, other: string) => foes.set(id, (foes.get(id) ?? new Set()).add(other))
  for (const [one, other] of pairs) {
    add(one, other)
    add(other, one)
  }
  return foes
}

function areAtOdds(one: Unit, other: Unit, foes: Foes): boolean {
  return one.members.some((id) => other.members.some((foe) => foe !== id && foes.get(id)?.has(foe) === true))
}

/** Units that conflict or need each other, directly or over others; in the order of `units`. */
function componentsOf(units: readonly Unit[], foes: Foes): readonly (readonly Unit[])[] {
  const place = new Map(units.flatMap((unit) => unit.members.map((id) => [id, unit] as const)))
  const friends = new Map<Unit, Set<Unit>>(units.map((unit) => [unit, new Set(unit.needs)]))
  for (const unit of units) {
    for (const needed of unit.needs) friends.get(needed)?.add(unit)
    for (const id of unit.members) {
      for (const foe of foes.get(id) ?? []) friends.get(unit)?.add(place.get(foe) ?? unit)
    }
  }
  const seen = new Set<Unit>()
  return units.flatMap((start) => {
    if (seen.has(start)) return []
    const component = new Set([start])
    for (const unit of component) for (const friend of friends.get(unit) ?? []) component.add(friend)
    for (const unit of component) seen.add(unit)
    return [units.filter((unit) => component.has(unit))]
  })
}

/** Vertices in the order of preference: `component` as it comes. */
function graphOf(
  component: readonly Unit[],
  ranked: readonly QueueEntry[],
  foes: Foes,
  isHopeless: (unit: Unit) => boolean,
): ConflictGraph {
  const size = component.length
  const isSelfAtOdds = (unit: Unit) => isHopeless(unit) || areAtOdds(unit, unit, foes)
  return {
    weights: weightsOf(component, ranked),
    conflicts: component.map((unit) =>
      setOf(size, (at) => {
        const other = component[at]
        if (other === undefined) return false
        return other === unit ? isSelfAtOdds(unit) : areAtOdds(unit, other, foes)
      }),
    ),
    closures: component.map((unit) =>
      setOf(size, (at) => {
        const other = component[at]
        return other !== undefined && (other === unit || unit.needs.has(other))
      }),
    ),
  }
}

/** One entry is worth more than all entries of lower priority together. With more priorities than numbers can tell apart, the lowest are alike. */
function weightsOf(component: readonly Unit[], ranked: readonly QueueEntry[]): readonly number[] {
  const priority = new Map(ranked.map((entry) => [entry.id, entry.priority]))
  const members = component.flatMap((unit) => unit.members)
  const levels = [...new Set(members.map((id) => priority.get(id) ?? 0))].sort((a, b) => b - a)
  const factor = members.length + 1
  const most = Math.max(1, Math.floor(Math.log(Number.MAX_SAFE_INTEGER) / Math.log(factor)) - 1)
  const depth = Math.min(most, levels.length)
  const worth = (id: string) => factor ** Math.max(0, depth - 1 - levels.indexOf(priority.get(id) ?? 0))
  return component.map((unit) => unit.members.reduce((sum, id) => sum + worth(id), 0))
}

function explain(
  ranked: readonly QueueEntry[],
  units: readonly Unit[],
  chosen: ReadonlySet<string>,
  foes: Foes,
  withTarget: ReadonlySet<string>,
): LandingPlan {
  const unitOf = new Map(units.flatMap((unit) => unit.members.map((id) => [id, unit] as const)))
  const conflicting: LandingPlan['conflicting'][number][] = []
  const waiting: LandingPlan['waiting'][number][] = []
  for (const entry of ranked.filter(({ id }) => !chosen.has(id))) {
    const unit = unitOf.get(entry.id)
    const others = [...(foes.get(entry.id) ?? [])].filter((id) => chosen.has(id) || unit?.members.includes(id) === true)
    if (withTarget.has(entry.id) || others.length > 0) conflicting.push({ entry, with: withTarget.has(entry.id) ? [] : others.sort() })
    else waiting.push({ entry, for: missing(entry.id, unit, chosen) })
  }
  return { order: inMergeOrder(ranked.filter(({ id }) => chosen.has(id))), conflicting, waiting }
}

/** Mates and needs that do not land. */
function missing(id: string, unit: Unit | undefined, chosen: ReadonlySet<string>): readonly string[] {
  const needed = [...(unit?.needs ?? [])].flatMap(({ members }) => members)
  return [...(unit?.members ?? []), ...needed].filter((other) => other !== id && !chosen.has(other))
}

function inMergeOrder(ranked: readonly QueueEntry[]): readonly QueueEntry[] {
  const placed = new Set<QueueEntry>()
  const visiting = new Set<QueueEntry>()
  const place = (entry: QueueEntry) => {
    if (placed.has(entry) || visiting.has(entry)) return
    visiting.add(entry)
    for (const other of ranked) if (entry.needs.includes(other.name)) place(other)
    placed.add(entry)
  }
  for (const entry of ranked) place(entry)
  return [...placed]
}
