import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { mergeBase } from '../history.ts'
import type { Place } from '../place.ts'
import { withScratch, type Scratch } from '../scratch.ts'
import { readFile } from '../tree.ts'
import { conflictedFiles, mergePairs } from './merge-pairs.ts'

/*
 * Merges are made in the object database from a scratch git directory: merge drivers are programs named in configuration, so only git's own
 * ones (text, binary, union) apply, by the target's own root `.gitattributes`. Objects go with the scratch directory unless they are kept.
 */

export type TreeMerge = { readonly kind: 'clean'; readonly tree: Sha } | { readonly kind: 'conflicts'; readonly files: readonly string[] }

export async function inMergeScratch<T>(place: Place, target: Sha, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const attributes = await readFile(place, target, '.gitattributes')
  return withScratch(place, { attributes }, work)
}

export async function mergeTrees(scratch: Scratch, ours: Sha, theirs: Sha): Promise<TreeMerge> {
  const [merge] = await mergePairs(scratch, [[ours, theirs]])
  invariant(merge !== undefined, 'the pair was not merged')
  return merge.kind === 'clean' ? merge : { kind: 'conflicts', files: conflictedFiles(merge) }
}

/** Moves what was made in the scratch directory into the repository. */
export async function keepObjects(scratch: Scratch): Promise<void> {
  const names: string[] = []
  for (const folder of await readdir(join(scratch.dir, 'objects')))
    if (/^[0-9a-f]{2}$/.test(folder)) for (const rest of await readdir(join(scratch.dir, 'objects', folder))) names.push(`${folder}${rest}`)
  const made = names.filter((name) => parseSha(name) !== undefined)
  if (made.length === 0) return
  const packed = await scratch.git(['pack-objects', '-q', '--stdout', '--window=0'], { input: made.map((name) => `${name}\n`).join('') })
  await scratch.git(['unpack-objects', '-q'], { objects: 'kept', input: packed.stdout })
}

export async function requireBase(place: Place, target: Sha, head: Sha): Promise<Sha> {
  const base = await mergeBase(place, target, head)
  if (base !== undefined) return base
  throw new Failure('unrelated-histories', `${head} and ${target} have no commit in common`, {
    facts: { target, head },
    next: 'In a shallow clone, `git fetch --unshallow` may bring the common history.',
  })
}
