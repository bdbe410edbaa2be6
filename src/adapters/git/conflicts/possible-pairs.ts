import { parseSha, type Sha } from '../../../foundation/brand.ts'
import type { Scratch } from '../scratch.ts'
import type { Footprint } from './footprint.ts'
import { touchedBy } from './touched-paths.ts'

/** Histories longer than this are not read: merging every pair takes less (0.6 ms each, 3 ms for a commit's changes in a large tree). */
const COMMITS_AT_MOST = 2000

/**
 * Those pairs that can conflict at all, by the footprints of what only the one has and of what only the other has.
 * Every commit counts, not just the ends: two tips may have another base than the rest. Undefined where finding out costs more than merging.
 */
export async function possiblePairs(scratch: Scratch, tips: readonly Sha[]): Promise<readonly (readonly [Sha, Sha])[] | undefined> {
  const commits = await historyOf(scratch, tips)
  if (commits === undefined) return undefined
  const sides = sidesOf(commits, tips)
  const touched = await touchedBy(scratch, [...sides.keys()])
  return pairsOf(meetings(groupsOf(sides, touched)), tips)
}

interface Link {
  readonly commit: Sha
  readonly parents: readonly string[]
}

/** Children first; without what all have. */
async function historyOf(scratch: Scratch, tips: readonly Sha[]): Promise<readonly Link[] | undefined> {
  const base = parseSha(
    (await scratch.git(['merge-base', '--octopus', '--end-of-options', ...tips], { accept: [1] })).stdout.toString().trim(),
  )
  const input = [...tips, ...(base === undefined ? [] : [`^${base}`])].map((rev) => `${rev}\n`).join('')
  const args = ['rev-list', '--topo-order', '--parents', `--max-count=${COMMITS_AT_MOST + 1}`, '--stdin']
  const lines = (await scratch.git(args, { input })).stdout.toString('latin1').split('\n').slice(0, -1)
  if (lines.length > COMMITS_AT_MOST) return undefined
  return lines.flatMap((line) => {
    const [first = '', ...parents] = line.split(' ')
    const commit = parseSha(first)
    return commit === undefined ? [] : [{ commit, parents }]
  })
}

/** Of each commit that not all have, which tips have it: one bit each. */
function sidesOf(commits: readonly Link[], tips: readonly Sha[]): Map<Sha, bigint> {
  const masks = new Map<string, bigint>()
  const add = (commit: string, mask: bigint): void => void masks.set(commit, (masks.get(commit) ?? 0n) | mask)
  for (const [at, tip] of tips.entries()) add(tip, 1n << BigInt(at))
  const everyone = (1n << BigInt(tips.length)) - 1n
  const sides = new Map<Sha, bigint>()
  for (const { commit, parents } of commits) {
    const mask = masks.get(commit) ?? 0n
    for (const parent of parents) add(parent, mask)
    if (mask !== everyone) sides.set(commit, mask)
  }
  return sides
}

interface Group {
  readonly mask: bigint
  readonly touched: Footprint[]
}

function groupsOf(sides: ReadonlyMap<Sha, bigint>, touched: ReadonlyMap<Sha, Footprint>): readonly Group[] {
  const groups = new Map<bigint, Group>()
  for (const [commit, mask] of sides) {
    const group = groups.get(mask) ?? { mask, touched: [] }
    const found = touched.get(commit)
    if (found !== undefined) group.touched.push(found)
    groups.set(mask, group)
  }
  return [...groups.values()]
}

/** The masks of each two groups that may conflict: as `mayConflict`, of all at once. */
function meetings(groups: readonly Group[]): readonly (readonly [bigint, bigint])[] {
  const places = new Map<string, { readonly makers: Set<number>; readonly minders: Set<number> }>()
  const placeOf = (mark: string) => {
    const place = places.get(mark) ?? { makers: new Set(), minders: new Set() }
    places.set(mark, place)
    return place
  }
  for (const [at, group] of groups.entries()) {
    for (const { makes, minds } of group.touched) {
      for (const mark of makes) placeOf(mark).makers.add(at)
      for (const mark of minds) placeOf(mark).minders.add(at)
    }
  }
  const met = new Set<number>()
  for (const { makers, minders } of places.values())
    for (const one of makers) for (const other of minders) if (one !== other) met.add(one * groups.length + other)
  return [...met].map((key) => [groups[Math.floor(key / groups.length)]?.mask ?? 0n, groups[key % groups.length]?.mask ?? 0n])
}

/** In the order of the tips. */
function pairsOf(met: readonly (readonly [bigint, bigint])[], tips: readonly Sha[]): readonly (readonly [Sha, Sha])[] {
  const isPair = new Set<number>()
  for (const [one, other] of met) {
    for (const a of bitsOf(one & ~other, tips.length))
      for (const b of bitsOf(other & ~one, tips.length)) isPair.add(Math.min(a, b) * tips.length + Math.max(a, b))
  }
  return tips.flatMap((a, at) => tips.flatMap((b, other) => (isPair.has(at * tips.length + other) ? [[a, b] as const] : [])))
}

function bitsOf(mask: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, at) => at).filter((at) => (mask & (1n << BigInt(at))) !== 0n)
}
