import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { splitNul, type GitResult } from '../git-command.ts'
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
  const merge = (one: Sha, other: Sha): Promise<GitResult | undefined> => {
    const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--end-of-options', one, other]
    return unlessItDies(scratch.git(args, { accept: [1] }))
  }
  const merged = (await merge(ours, theirs)) ?? (await merge(theirs, ours))
  if (merged === undefined) return { kind: 'conflicts', files: await changedByBoth(scratch, ours, theirs) }
  const [tree = '', ...files] = splitNul(merged.stdout)
  return merged.exitCode === 1 ? { kind: 'conflicts', files: conflictedPaths(files) } : { kind: 'clean', tree: requireSha(tree) }
}

export type Pair = readonly [Sha, Sha]

/** Many at once: the files with conflicts of each pair. */
export async function mergePairs(scratch: Scratch, pairs: readonly Pair[]): Promise<readonly (readonly string[])[]> {
  const answers = await mergeInOne(scratch, pairs)
  if (answers !== undefined) return answers
  const [first] = pairs
  if (first !== undefined && pairs.length === 1) {
    const [ours, theirs] = first
    return (await mergeInOne(scratch, [[theirs, ours]])) ?? [await changedByBoth(scratch, ours, theirs)]
  }
  const middle = Math.ceil(pairs.length / 2)
  return [...(await mergePairs(scratch, pairs.slice(0, middle))), ...(await mergePairs(scratch, pairs.slice(middle)))]
}

/** Undefined when git dies of one of them. */
async function mergeInOne(scratch: Scratch, pairs: readonly Pair[]): Promise<readonly (readonly string[])[] | undefined> {
  if (pairs.length === 0) return []
  const input = pairs.map(([ours, theirs]) => `${ours} ${theirs}\n`).join('')
  const args = ['merge-tree', '--write-tree', '--stdin', '--name-only', '--no-messages', '--allow-unrelated-histories']
  const merged = await unlessItDies(scratch.git(args, { input }))
  if (merged === undefined) return undefined
  const answers = parseMerges(merged.stdout)
  invariant(answers.length === pairs.length, 'merge-tree did not answer for every pair')
  return answers
}

/**
 * Git 2.39 ends some merges in a failed assertion (a folder renamed on one side, a folder of it become a file on the other), mostly one way round
 * only. What it cannot do either way round is a conflict.
 */
export async function unlessItDies(merged: Promise<GitResult>): Promise<GitResult | undefined> {
  try {
    return await merged
  } catch (error) {
    if (error instanceof Failure && (error.facts.signal === 'SIGABRT' || error.facts.signal === 'SIGSEGV')) return undefined
    throw error
  }
}

/** In place of the files that git would have named; never empty. */
async function changedByBoth(scratch: Scratch, ours: Sha, theirs: Sha): Promise<readonly string[]> {
  const base = (await scratch.git(['merge-base', '--end-of-options', ours, theirs], { accept: [1] })).stdout.toString('latin1').trim()
  const [mine = [], other = []] = await Promise.all(
    [ours, theirs].map(async (side) => {
      const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', '--end-of-options', base === '' ? ours : base, side]
      return splitNul((await scratch.git(args)).stdout)
    }),
  )
  const isMine = new Set(mine)
  const both = other.filter((path) => isMine.has(path))
  return (both.length > 0 ? both : other).toSorted()
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
export function conflictedPaths(files: readonly string[]): string[] {
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
