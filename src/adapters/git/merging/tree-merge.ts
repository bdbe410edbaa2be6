import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { splitNul } from '../git-command.ts'
import { mergeBase } from '../history.ts'
import type { Place } from '../place.ts'
import { withScratch, type Scratch } from '../scratch.ts'
import { readFile } from '../tree.ts'

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
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--end-of-options', ours, theirs]
  const merged = await scratch.git(args, { accept: [1] })
  const [tree = '', ...files] = splitNul(merged.stdout)
  return merged.exitCode === 1 ? { kind: 'conflicts', files: conflictedPaths(files) } : { kind: 'clean', tree: requireSha(tree) }
}

/** Many at once: the files with conflicts of each pair. */
export async function mergePairs(scratch: Scratch, pairs: readonly (readonly [Sha, Sha])[]): Promise<(readonly string[])[]> {
  if (pairs.length === 0) return []
  const input = pairs.map(([ours, theirs]) => `${ours} ${theirs}\n`).join('')
  const merged = await scratch.git(['merge-tree', '--write-tree', '--stdin', '--name-only', '--no-messages'], { input })
  const answers = parseMerges(merged.stdout)
  invariant(answers.length === pairs.length, 'merge-tree did not answer for every pair')
  return answers
}

/** For each merge: `1` or `0`, the tree, the files with conflicts, an empty field. */
function parseMerges(output: Buffer): (readonly string[])[] {
  const merges: (readonly string[])[] = []
  let fields: string[] = []
  for (const field of output.toString('utf8').split('\0').slice(0, -1)) {
    if (field !== '') fields.push(field)
    else {
      const [isClean, , ...files] = fields
      merges.push(isClean === '1' ? [] : conflictedPaths(files))
      fields = []
    }
  }
  return merges
}

/** Where a file and a folder have the same name, git sets the file aside as `name~<commit>`. */
function conflictedPaths(files: readonly string[]): string[] {
  const named = files.filter((file) => file !== '').map((file) => file.replace(/~(?:[0-9a-f]{64}|[0-9a-f]{40})(?:_\d+)?$/, ''))
  return [...new Set(named)].toSorted()
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

export function requireSha(text: string): Sha {
  const sha = parseSha(text.trim())
  invariant(sha !== undefined, 'git answered something that is no object id')
  return sha
}
