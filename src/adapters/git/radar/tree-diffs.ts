import type { Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import type { PathChange } from '../conflicts/footprint.ts'
import type { Scratch } from '../scratch.ts'
import { resolveNames } from './object-names.ts'

type CommitPair = readonly [from: Sha, to: Sha]

/** What changed between commits, asked once: every process that is not started is a tenth of the time that one edit may take. */
export class TreeDiffs {
  readonly #scratch: Scratch
  readonly #trees = new Map<Sha, Sha>()
  readonly #diffs = new Map<string, readonly PathChange[]>()

  constructor(scratch: Scratch) {
    this.#scratch = scratch
  }

  learnTree(commit: Sha, tree: Sha): void {
    this.#trees.set(commit, tree)
  }

  /** The changed paths of each pair, in the order of the pairs. */
  async between(pairs: readonly CommitPair[]): Promise<(readonly PathChange[])[]> {
    const missing = [...new Map(pairs.map((pair) => [pair.join(' '), pair]))].filter(([key]) => !this.#diffs.has(key))
    await this.#learnTrees(missing.flatMap(([, pair]) => pair))
    const trees = missing.map(([, [from, to]]): CommitPair => [this.#trees.get(from) ?? from, this.#trees.get(to) ?? to])
    const found = await diffTrees(this.#scratch, trees)
    missing.forEach(([key], at) => this.#diffs.set(key, found[at] ?? []))
    const answers = pairs.map((pair) => this.#diffs.get(pair.join(' ')) ?? [])
    this.#forget()
    return answers
  }

  async #learnTrees(commits: readonly Sha[]): Promise<void> {
    const missing = [...new Set(commits)].filter((commit) => !this.#trees.has(commit))
    const found = await resolveNames(
      this.#scratch,
      missing.map((commit) => `${commit}^{tree}`),
    )
    missing.forEach((commit, at) => this.#trees.set(commit, found[at] ?? commit))
  }

  /** The oldest go first; long diffs are kept by nobody, as they are rare and large. */
  #forget(): void {
    for (const [key, changes] of this.#diffs) if (this.#diffs.size > MOST_DIFFS || changes.length > LONGEST_DIFF) this.#diffs.delete(key)
    for (const commit of this.#trees.keys()) if (this.#trees.size > MOST_TREES) this.#trees.delete(commit)
  }
}

const MOST_DIFFS = 500
const LONGEST_DIFF = 200
const MOST_TREES = 5000

/** All by one process. */
async function diffTrees(scratch: Scratch, pairs: readonly CommitPair[]): Promise<PathChange[][]> {
  if (pairs.length === 0) return []
  const input = pairs.map(([from, to]) => `${from} ${to}\n`).join('')
  const { stdout } = await scratch.git(['diff-tree', '--stdin', '-r', '-z', '--name-status', '--no-renames', '--no-ext-diff'], { input })
  const diffs = parseDiffs(stdout)
  invariant(diffs.length === pairs.length, 'diff-tree did not answer for every pair')
  return diffs
}

/** For each pair the two ids and a line end, then status and path of each change, both ended by a NUL. */
function parseDiffs(output: Buffer): PathChange[][] {
  const diffs: PathChange[][] = []
  for (let at = 0; at < output.length;) {
    if (output[at + 1] !== 0) {
      diffs.push([])
      at = output.indexOf(0x0a, at) + 1
      continue
    }
    const end = output.indexOf(0, at + 2)
    diffs.at(-1)?.push({ status: output.toString('latin1', at, at + 1), path: output.toString('latin1', at + 2, end) })
    at = end + 1
  }
  return diffs
}
