import type { Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import type { Scratch } from '../scratch.ts'
import type { PathChange } from './prefilter.ts'

/** The changed paths of each pair of trees, all by one process. */
export async function diffTrees(scratch: Scratch, pairs: readonly (readonly [from: Sha, to: Sha])[]): Promise<PathChange[][]> {
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
