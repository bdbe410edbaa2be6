import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import type { Scratch } from '../scratch.ts'

/** What merging two commits would meet. Paths are bytes, as latin1. */
export interface Merge {
  /** The result, with conflict markers where there are conflicts. */
  readonly tree: Sha
  readonly conflicts: readonly { readonly path: string; readonly kind: string }[]
}

/** All by one process; commits without a common ancestor must not be among them. */
export async function mergeAll(scratch: Scratch, pairs: readonly (readonly [one: Sha, other: Sha])[]): Promise<Merge[]> {
  if (pairs.length === 0) return []
  const input = pairs.map(([one, other]) => `${one} ${other}\n`).join('')
  const merged = await scratch.git(['merge-tree', '--write-tree', '--stdin', '-z', '--name-only', '--messages'], { input })
  const merges = parseMerges(merged.stdout.toString('latin1').split('\0'))
  invariant(merges.length === pairs.length, 'merge-tree did not answer for every pair')
  return merges
}

/**
 * For each merge: `1` for clean or `0`, the tree, the files with conflicts, an empty field; then messages (a number of paths, these, the
 * kind, the text), and an empty field.
 */
function parseMerges(fields: readonly string[]): Merge[] {
  const merges: Merge[] = []
  let at = 0
  while (at + 1 < fields.length) {
    const isClean = fields[at++] === '1'
    const tree = parseSha(fields[at++] ?? '')
    invariant(tree !== undefined, 'merge-tree answered something that is no object id')
    const files: string[] = []
    for (; (fields[at] ?? '') !== ''; at++) files.push(fields[at] ?? '')
    const kinds = new Map<string, string>()
    for (at++; (fields[at] ?? '') !== '';) {
      const paths = fields.slice(at + 1, at + 1 + Number(fields[at]))
      at += 1 + paths.length
      const kind = /^CONFLICT \((.+)\)$/.exec(fields[at] ?? '')?.[1]
      if (kind !== undefined) for (const path of paths) if (!kinds.has(path)) kinds.set(path, kind)
      at += 2
    }
    at++
    const conflicts = isClean ? [] : [...new Set(files.length > 0 ? files : kinds.keys())].sort()
    merges.push({ tree, conflicts: conflicts.map((path) => ({ path, kind: kinds.get(path) ?? 'contents' })) })
  }
  return merges
}
