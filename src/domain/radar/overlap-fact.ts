import type { OverlapFile } from './overlap.ts'

/** The name of a task (its handle), or of a target branch. */
export type Party = { readonly kind: 'task'; readonly handle: string } | { readonly kind: 'target'; readonly branch: string }

/** Two who would conflict if both landed as they are now, and since when. Times in milliseconds since the epoch. */
export interface OverlapFact {
  readonly one: PartySide & { readonly party: Extract<Party, { kind: 'task' }> }
  readonly other: PartySide
  /** The first files; there are `fileCount`. */
  readonly files: readonly OverlapFile[]
  readonly fileCount: number
  /** First seen, last seen. */
  readonly since: number
  readonly seenAt: number
  /** Commits of either side that came after it was first seen and left it standing: work in progress often mends itself, this did not. */
  readonly survived: number
}

export interface PartySide {
  readonly party: Party
  readonly head: string
  /** Whether any of the files stands uncommitted on this side. */
  readonly work: 'committed' | 'uncommitted'
}

/** What one computation saw. */
export interface Observation {
  readonly at: number
  /** Everyone that was looked at; whoever is missing is not there any more. */
  readonly parties: readonly { readonly party: Party; readonly head: string; readonly uncommitted: readonly string[] }[]
  readonly overlaps: readonly {
    readonly one: string
    readonly other: Party
    readonly files: readonly OverlapFile[]
    readonly fileCount: number
  }[]
}

/** Other tasks that would conflict with this one, `except` those. */
export function countRivals(facts: readonly OverlapFact[], handle: string, except: readonly string[]): number {
  return facts.filter(({ one, other }) => {
    if (other.party.kind !== 'task') return false
    const pair = [one.party.handle, other.party.handle]
    return pair.includes(handle) && pair.every((name) => name === handle || !except.includes(name))
  }).length
}

/** What is known after an observation: what it did not see again is over. In the order of urgency. */
export function mergeFacts(known: readonly OverlapFact[], observation: Observation): OverlapFact[] {
  const before = new Map(known.map((fact) => [pairKey(fact.one.party, fact.other.party), fact]))
  const sides = new Map(observation.parties.map((side) => [partyName(side.party), side]))
  const facts = observation.overlaps.flatMap((seen) => {
    const one = { kind: 'task', handle: seen.one } as const
    const [oneSide, otherSide] = [sides.get(partyName(one)), sides.get(partyName(seen.other))]
    if (oneSide === undefined || otherSide === undefined || areAttemptsAtOneTask(one, seen.other)) return []
    // Which of two comes first must not change with the order of looking.
    const isTurned = seen.other.kind === 'task' && seen.other.handle < seen.one
    const [first, second] = isTurned ? [otherSide, oneSide] : [oneSide, otherSide]
    const fact = toFact(first, second, isTurned ? turned(seen.files) : seen.files, seen.fileCount, observation.at)
    if (fact === undefined) return []
    return [carried(fact, before.get(pairKey(fact.one.party, fact.other.party)))]
  })
  return facts.toSorted(byUrgency)
}

/** All of them but one are put away, and they overlap by their nature. */
function areAttemptsAtOneTask(one: Party, other: Party): boolean {
  const [first, second] = [one, other].map((party) => (party.kind === 'task' ? /^(.+\..+)\.\d+$/.exec(party.handle)?.[1] : undefined))
  return first !== undefined && first === second
}

type Side = Observation['parties'][number]

function toFact(one: Side, other: Side, files: readonly OverlapFile[], fileCount: number, at: number): OverlapFact | undefined {
  if (one.party.kind !== 'task') return undefined
  const paths = new Set(files.map(({ path }) => path))
  const workOf = ({ uncommitted }: Side): PartySide['work'] => (uncommitted.some((path) => paths.has(path)) ? 'uncommitted' : 'committed')
  return {
    one: { party: one.party, head: one.head, work: workOf(one) },
    other: { party: other.party, head: other.head, work: workOf(other) },
    files,
    fileCount,
    since: at,
    seenAt: at,
    survived: 0,
  }
}

function carried(fact: OverlapFact, before: OverlapFact | undefined): OverlapFact {
  if (before === undefined) return fact
  const moved = Number(before.one.head !== fact.one.head) + Number(before.other.head !== fact.other.head)
  return { ...fact, since: Math.min(before.since, fact.since), survived: before.survived + moved }
}

/**
 * Most urgent first: what is committed on both sides will meet at landing, what has outlived commits does not mend itself; then more files, then age.
 * The same facts always stand in the same order.
 */
export function byUrgency(a: OverlapFact, b: OverlapFact): number {
  return (
    committedSides(b) - committedSides(a) ||
    b.survived - a.survived ||
    b.fileCount - a.fileCount ||
    a.since - b.since ||
    compare(pairKey(a.one.party, a.other.party), pairKey(b.one.party, b.other.party))
  )
}

/** How one of the parties sees it: with whom, and its own side first. */
export function seenBy(handle: string, fact: OverlapFact): OverlapFact | undefined {
  if (fact.one.party.handle === handle) return fact
  const { one, other } = fact
  if (other.party.kind !== 'task' || other.party.handle !== handle) return undefined
  return { ...fact, one: { ...other, party: other.party }, other: one, files: turned(fact.files) }
}

export function partyName(party: Party): string {
  return party.kind === 'task' ? party.handle : party.branch
}

function turned(files: readonly OverlapFile[]): OverlapFile[] {
  return files.map((file) => ({ ...file, hunks: file.hunks.map(({ line, one, other }) => ({ line, one: other, other: one })) }))
}

function pairKey(one: Party, other: Party): string {
  return `${one.kind} ${partyName(one)}\n${other.kind} ${partyName(other)}`
}

function committedSides({ one, other }: OverlapFact): number {
  return Number(one.work === 'committed') + Number(other.work === 'committed')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
