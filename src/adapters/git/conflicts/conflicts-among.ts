import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { invariant } from '../../../foundation/invariant.ts'
import type { Sha } from '../../../foundation/brand.ts'
import type { ConflictsAmong } from '../../../ports/git-conflicts.ts'
import { mergeBase } from '../history.ts'
import { conflictedFiles, mergePairs, type Pair } from '../merging/merge-pairs.ts'
import type { Place } from '../place.ts'
import { withScratch, type Scratch } from '../scratch.ts'
import { readFile } from '../tree.ts'
import { exists } from '../worktrees/entries.ts'
import { possiblePairs } from './possible-pairs.ts'
import { Recent } from './recent.ts'

/** Five processes, however many heads there are; only pairs that may conflict and were not merged lately are merged. */
export async function conflictsAmong(place: Place, target: Sha, heads: readonly Sha[]): Promise<ConflictsAmong> {
  const attributes = await readFile(place, target, '.gitattributes')
  return withScratch(place, { attributes }, async (scratch) => {
    const { waiting, alreadyMerged, unrelated } = await sortOut(place, scratch, target, [...new Set(heads)])
    const tips = [target, ...waiting]
    const pairs = waiting.length === 0 ? [] : ((await possiblePairs(scratch, tips)) ?? allPairs(tips))
    const memo = (await exists(join(place.commonDir, 'shallow'))) ? undefined : `${digest(attributes)} `
    const found = (await mergeThose(scratch, pairs, memo)).filter((pair) => pair.files.length > 0)
    return {
      withTarget: found.filter(({ a }) => a === target).map(({ b, files }) => ({ head: b, files })),
      pairs: found.filter(({ a }) => a !== target),
      alreadyMerged,
      unrelated,
    }
  })
}

interface Sorted {
  readonly waiting: readonly Sha[]
  readonly alreadyMerged: readonly Sha[]
  readonly unrelated: readonly Sha[]
}

async function sortOut(place: Place, scratch: Scratch, target: Sha, heads: readonly Sha[]): Promise<Sorted> {
  if (heads.length === 0) return { waiting: [], alreadyMerged: [], unrelated: [] }
  const common = await scratch.git(['merge-base', '--octopus', '--end-of-options', target, ...heads], { accept: [1] })
  const bases = common.exitCode === 0 ? heads : await Promise.all(heads.map((head) => mergeBase(place, target, head)))
  const related = heads.filter((_, at) => bases[at] !== undefined)
  const input = [...related, `^${target}`].map((rev) => `${rev}\n`).join('')
  const ahead = new Set((await scratch.git(['rev-list', '--stdin'], { input })).stdout.toString('latin1').split('\n'))
  return {
    waiting: related.filter((head) => ahead.has(head)),
    alreadyMerged: related.filter((head) => !ahead.has(head)),
    unrelated: heads.filter((_, at) => bases[at] === undefined),
  }
}

function allPairs(tips: readonly Sha[]): readonly Pair[] {
  return tips.flatMap((a, at) => tips.slice(at + 1).map((b) => [a, b] as const))
}

/** Two commits always merge to the same, by the same attributes: except in a shallow clone, which a fetch may deepen. */
async function mergeThose(
  scratch: Scratch,
  pairs: readonly Pair[],
  memo: string | undefined,
): Promise<readonly { readonly a: Sha; readonly b: Sha; readonly files: readonly string[] }[]> {
  const known = pairs.map((pair) => (memo === undefined ? undefined : merged.get(memo + pair.join(' '))))
  const unknown = pairs.filter((_, at) => known[at] === undefined)
  const answers = (await mergePairs(scratch, unknown)).map(conflictedFiles).values()
  return pairs.map((pair, at) => {
    const [a, b] = pair
    const files = known[at] ?? answers.next().value
    invariant(files !== undefined, 'a pair was not merged')
    if (memo !== undefined && known[at] === undefined) merged.set(memo + pair.join(' '), files)
    return { a, b, files }
  })
}

/** About 10 MB at most: 50 heads are 1,275 pairs. */
const merged = new Recent<readonly string[]>(50_000, (files) => 1 + files.length)

function digest(attributes: Uint8Array | undefined): string {
  return attributes === undefined ? '' : createHash('sha256').update(attributes).digest('base64')
}
