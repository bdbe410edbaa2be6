import type { Sha } from '../../../foundation/brand.ts'
import { parseSha } from '../../../foundation/brand.ts'
import { onRepository, type Place } from '../place.ts'

/**
 * The best common ancestors of many pairs from one walk over what lies between them, where asking git for 1,225 pairs would start
 * as many processes. Two heads with several best ones (a criss-cross), or none, have no `Base` of their own.
 */
export type Base = { readonly kind: 'one'; readonly commit: Sha } | { readonly kind: 'several' } | { readonly kind: 'none' }

export class MergeBases {
  readonly #place: Place
  readonly #known = new Map<string, Base>()

  constructor(place: Place) {
    this.#place = place
  }

  /** Answers for every pair of the heads; those of heads that are not named any more are forgotten. */
  async among(heads: readonly Sha[]): Promise<(one: Sha, other: Sha) => Base> {
    const distinct = [...new Set(heads)].sort()
    const isKnown = distinct.every((one, at) => distinct.slice(at + 1).every((other) => this.#known.has(`${one} ${other}`)))
    if (!isKnown) await this.#learn(distinct)
    return (one, other) => {
      if (one === other) return { kind: 'one', commit: one }
      return this.#known.get(one < other ? `${one} ${other}` : `${other} ${one}`) ?? { kind: 'none' }
    }
  }

  async #learn(heads: readonly Sha[]): Promise<void> {
    const graph = await loadGraph(this.#place, heads)
    const pairs = heads.flatMap((one, at) => heads.slice(at + 1).map((other) => [one, other] as const))
    const found = new Map<string, Base>()
    for (const [one, other] of pairs) {
      const key = `${one} ${other}`
      const known = this.#known.get(key)
      found.set(key, known ?? (graph === undefined ? await askGit(this.#place, one, other) : graph.baseOf(one, other)))
    }
    this.#known.clear()
    for (const [key, base] of found) this.#known.set(key, base)
  }
}

/** More between the heads than this is walked pair by pair by git itself. */
const LARGEST_GRAPH = 20_000

async function loadGraph(place: Place, heads: readonly Sha[]): Promise<CommitGraph | undefined> {
  const octopus = await onRepository(place, ['merge-base', '--octopus', ...heads], { accept: [1] })
  const floor = parseSha(octopus.stdout.toString('utf8').trim())
  if (floor === undefined) return undefined
  const args = ['rev-list', '--parents', '--topo-order', `--max-count=${LARGEST_GRAPH}`, '--stdin']
  const listed = await onRepository(place, args, { input: `${heads.join('\n')}\n^${floor}\n` })
  const lines = listed.stdout.toString('latin1').split('\n').slice(0, -1)
  return lines.length < LARGEST_GRAPH ? new CommitGraph(lines, floor) : undefined
}

async function askGit(place: Place, one: Sha, other: Sha): Promise<Base> {
  const { stdout } = await onRepository(place, ['merge-base', '--all', one, other], { accept: [1] })
  const [first, second] = stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => parseSha(line) ?? [])
  if (first === undefined) return { kind: 'none' }
  return second === undefined ? { kind: 'one', commit: first } : { kind: 'several' }
}

/** Commits above `floor`, an ancestor of every head, children first; `floor` itself is the last. What lies below it is common to all and no best base. */
class CommitGraph {
  readonly #commits: readonly string[]
  readonly #at: ReadonlyMap<string, number>
  readonly #parents: readonly (readonly number[])[]
  readonly #ancestors = new Map<number, Uint8Array>()

  constructor(lines: readonly string[], floor: Sha) {
    const rows = [...lines.map((line) => line.split(' ')), [floor as string]]
    this.#commits = rows.map(([commit = '']) => commit)
    this.#at = new Map(this.#commits.map((commit, at) => [commit, at]))
    this.#parents = rows.map(([, ...parents]) => parents.flatMap((parent) => this.#at.get(parent) ?? []))
  }

  baseOf(one: Sha, other: Sha): Base {
    const [ofOne, ofOther] = [this.#ancestorsOf(one), this.#ancestorsOf(other)]
    let best = -1
    let ofBest: Uint8Array | undefined
    for (let at = 0; at < this.#commits.length; at++) {
      if (ofOne[at] === 0 || ofOther[at] === 0) continue
      if (ofBest === undefined) [best, ofBest] = [at, this.#ancestorsAt(at)]
      else if (ofBest[at] === 0) return { kind: 'several' }
    }
    const commit = parseSha(this.#commits[best] ?? '')
    return commit === undefined ? { kind: 'none' } : { kind: 'one', commit }
  }

  #ancestorsOf(head: Sha): Uint8Array {
    return this.#ancestorsAt(this.#at.get(head) ?? this.#commits.length - 1)
  }

  /** 1 for the commit itself and for all that can be reached from it. */
  #ancestorsAt(start: number): Uint8Array {
    const known = this.#ancestors.get(start)
    if (known !== undefined) return known
    const reached = new Uint8Array(this.#commits.length)
    reached[start] = 1
    // Children come first, so one pass reaches all.
    for (let at = start; at < reached.length; at++) if (reached[at] === 1) for (const parent of this.#parents[at] ?? []) reached[parent] = 1
    this.#ancestors.set(start, reached)
    return reached
  }
}
