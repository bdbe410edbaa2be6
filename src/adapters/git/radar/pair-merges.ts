import { writeFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OverlapFile, OverlapHunk } from '../../../domain/radar/overlap.ts'
import type { Sha } from '../../../foundation/brand.ts'
import type { OverlapSide, PairOverlap } from '../../../ports/radar.ts'
import { footprintOf, foldersThatMayBeGone, mayConflict, type Footprint, type PathChange } from '../conflicts/footprint.ts'
import { mergePairs, nameOf, type Merge } from '../merging/merge-pairs.ts'
import type { Place } from '../place.ts'
import type { Scratch } from '../scratch.ts'
import { readFile } from '../tree.ts'
import { MergeBases, type Base } from './merge-bases.ts'
import { resolveNames } from './object-names.ts'
import { loadHunks } from './overlap-hunks.ts'
import type { TreeDiffs } from './tree-diffs.ts'

interface Pair {
  readonly one: OverlapSide
  readonly other: PairOverlap['other']
  readonly commits: readonly [one: Sha, other: Sha]
}

interface Verdict {
  readonly files: readonly OverlapFile[]
  readonly fileCount: number
}

const MOST_FILES = 100
const MOST_FILES_WITH_HUNKS = 20
/** So much changed that comparing paths is no quicker than merging. */
const MOST_PATHS = 5000

/** Which of many sides conflict: those that can at all are merged, once for each pair of commits. */
export class PairMerges {
  readonly #place: Place
  readonly #scratch: Scratch
  readonly #diffs: TreeDiffs
  readonly #bases: MergeBases
  /** So many have left their trees in the scratch. */
  merged = 0
  #attributesOf: Sha | undefined
  #attributes: string | undefined
  #verdicts = new Map<string, Verdict>()
  #footprints = new Map<string, Footprint | 'many'>()

  constructor(place: Place, scratch: Scratch, diffs: TreeDiffs) {
    this.#place = place
    this.#diffs = diffs
    this.#scratch = scratch
    this.#bases = new MergeBases(place)
  }

  async overlaps(sides: readonly OverlapSide[], headOf: (commit: Sha) => Sha): Promise<PairOverlap[]> {
    await this.#useAttributes(sides.find(({ target }) => target !== undefined)?.target?.commit)
    const pairs = pairsOf(sides)
    const baseOf = await this.#bases.among(pairs.flatMap(({ commits }) => commits.map(headOf)))
    const candidates = await this.#candidates(pairs, ([one, other]) => baseOf(headOf(one), headOf(other)))
    await this.#merge(candidates)
    return candidates.flatMap(({ one, other, commits }) => {
      const verdict = this.#verdicts.get(commits.join(' '))
      return verdict === undefined || verdict.fileCount === 0 ? [] : [{ one: one.path, other, ...verdict }]
    })
  }

  /** As in every other merge that orch makes: git's own merge drivers, by the target's root `.gitattributes`. */
  async #useAttributes(target: Sha | undefined): Promise<void> {
    // Those of a commit stay as they are.
    if (target === this.#attributesOf) return
    this.#attributesOf = target
    const content = target === undefined ? undefined : await readFile(this.#place, target, '.gitattributes')
    const attributes = Buffer.from(content ?? []).toString('latin1')
    if (attributes === this.#attributes) return
    const path = join(this.#scratch.dir, 'info/attributes')
    if (content === undefined) await rm(path, { force: true })
    else await writeFile(path, content)
    this.#attributes = attributes
    this.#verdicts.clear()
  }

  async #candidates(pairs: readonly Pair[], baseOf: (commits: Pair['commits']) => Base): Promise<Pair[]> {
    const based = pairs.map((pair) => ({ pair, base: baseOf(pair.commits) })).filter(({ base }) => base.kind !== 'none')
    const wanted = based.flatMap(({ pair: { commits }, base }) =>
      base.kind === 'one' && !this.#verdicts.has(commits.join(' ')) ? commits.map((commit) => [base.commit, commit] as const) : [],
    )
    await this.#learnFootprints(wanted)
    return based.flatMap(({ pair, base }) => {
      const { commits } = pair
      if (base.kind !== 'one' || this.#verdicts.has(commits.join(' '))) return [pair]
      const [one, other] = commits.map((commit) => this.#footprints.get(`${base.commit} ${commit}`) ?? 'many')
      return one === 'many' || other === 'many' || one === undefined || other === undefined || mayConflict(one, other) ? [pair] : []
    })
  }

  async #learnFootprints(wanted: readonly (readonly [base: Sha, commit: Sha])[]): Promise<void> {
    const asked = new Map(wanted.map(([base, commit]) => [`${base} ${commit}`, [base, commit] as const]))
    const kept = new Map([...this.#footprints].filter(([key]) => asked.has(key)))
    const missing = [...asked].filter(([key]) => !kept.has(key))
    const diffs = await this.#diffs.between(missing.map(([, pair]) => pair))
    const changed = missing.map(([key, [, commit]], at) => ({ key, commit, changes: diffs[at] ?? [] }))
    const gone = await this.#goneFolders(changed)
    for (const { key, commit, changes } of changed)
      kept.set(key, changes.length > MOST_PATHS ? 'many' : footprintOf(changes, (folder) => gone.has(`${commit}:${folder}`)))
    this.#footprints = kept
  }

  /** As `<commit>:<folder>`. */
  async #goneFolders(changed: readonly { readonly commit: Sha; readonly changes: readonly PathChange[] }[]): Promise<Set<string>> {
    const asked = changed.flatMap(({ commit, changes }) =>
      changes.length > MOST_PATHS ? [] : foldersThatMayBeGone(changes).map((folder) => `${commit}:${folder}`),
    )
    const names = [...new Set(asked)]
    // One that cannot be asked for by a line is taken for gone.
    const lines = names.filter((name) => !name.includes('\n'))
    const found = await resolveNames(this.#scratch, lines)
    const left = new Set(lines.filter((_, at) => found[at] !== undefined))
    return new Set(names.filter((name) => !left.has(name)))
  }

  async #merge(candidates: readonly Pair[]): Promise<void> {
    const kept = new Map<string, Verdict>()
    const missing = new Map<string, Pair['commits']>()
    for (const { commits } of candidates) {
      const verdict = this.#verdicts.get(commits.join(' '))
      if (verdict === undefined) missing.set(commits.join(' '), commits)
      else kept.set(commits.join(' '), verdict)
    }
    const merges = await mergePairs(this.#scratch, [...missing.values()])
    this.merged += merges.length
    const hunks = await this.#hunksOf(merges)
    ;[...missing.keys()].forEach((key, at) => kept.set(key, toVerdict(merges[at], hunks[at] ?? [])))
    this.#verdicts = kept
  }

  async #hunksOf(merges: readonly Merge[]): Promise<OverlapHunk[][][]> {
    const asked = merges.map((merge) => {
      if (merge.kind === 'clean' || merge.tree === undefined) return []
      const { tree, conflicts } = merge
      return conflicts.slice(0, MOST_FILES_WITH_HUNKS).map(({ path }) => ({ tree, path }))
    })
    const hunks = await loadHunks(this.#scratch, asked.flat())
    let at = 0
    return asked.map((files) => hunks.slice(at, (at += files.length)))
  }
}

function pairsOf(sides: readonly OverlapSide[]): Pair[] {
  return sides.flatMap((one, at) => [
    ...sides.slice(at + 1).map((other): Pair => {
      return { one, other: { kind: 'worktree', path: other.path }, commits: [one.commit, other.commit] }
    }),
    ...(one.target === undefined
      ? []
      : [{ one, other: { kind: 'target', name: one.target.name }, commits: [one.commit, one.target.commit] } satisfies Pair]),
  ])
}

function toVerdict(merge: Merge | undefined, hunks: readonly OverlapHunk[][]): Verdict {
  const files = new Map<string, OverlapFile>()
  const conflicts = merge?.kind === 'conflicts' ? merge.conflicts : []
  for (const [at, conflict] of conflicts.entries()) {
    const path = nameOf(conflict)
    if (!files.has(path)) files.set(path, { path, kind: conflict.kind, hunks: hunks[at] ?? [] })
  }
  return { files: [...files.values()].slice(0, MOST_FILES), fileCount: files.size }
}
