import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { requireSha, splitNul, type GitResult } from '../git-command.ts'
import type { Scratch } from '../scratch.ts'

export type Pair = readonly [ours: Sha, theirs: Sha]

/** What merging two commits meets. Conflicts are in the order of their paths, and those in a tree have markers there. */
export type Merge =
  | { readonly kind: 'clean'; readonly tree: Sha }
  | { readonly kind: 'conflicts'; readonly tree?: Sha; readonly conflicts: readonly Conflict[] }

export interface Conflict {
  /** Bytes, as latin1. Where a file and a folder have the same name, git sets the file aside as `name~<commit>`. */
  readonly path: string
  /** In git's words: `contents`, `modify/delete`, … */
  readonly kind: string
  /** Lines of git's, with the names of both commits. */
  readonly reasons: readonly string[]
}

/** All by one process, unless git dies of one. */
export async function mergePairs(scratch: Scratch, pairs: readonly Pair[]): Promise<readonly Merge[]> {
  const merges = await mergeInOne(scratch, pairs)
  if (merges !== undefined) return merges
  const [first] = pairs
  if (first !== undefined && pairs.length === 1) return [await mergeTurned(scratch, first)]
  const middle = Math.ceil(pairs.length / 2)
  return [...(await mergePairs(scratch, pairs.slice(0, middle))), ...(await mergePairs(scratch, pairs.slice(middle)))]
}

/** Of all files with conflicts, as they are named in the worktree. */
export function conflictedFiles(merge: Merge): string[] {
  return merge.kind === 'clean' ? [] : [...new Set(merge.conflicts.map(nameOf))].toSorted()
}

export function nameOf({ path }: Conflict): string {
  return Buffer.from(withoutCommit(path), 'latin1').toString('utf8')
}

function withoutCommit(path: string): string {
  return path.replace(/~(?:[0-9a-f]{64}|[0-9a-f]{40})(?:_\d+)?$/, '')
}

/** Undefined when git dies of one of them. */
async function mergeInOne(scratch: Scratch, pairs: readonly Pair[]): Promise<readonly Merge[] | undefined> {
  if (pairs.length === 0) return []
  const input = pairs.map(([ours, theirs]) => `${ours} ${theirs}\n`).join('')
  const args = ['merge-tree', '--write-tree', '--stdin', '-z', '--name-only', '--messages', '--allow-unrelated-histories']
  const merged = await unlessItDies(scratch.git(args, { input }))
  if (merged === undefined) return undefined
  const merges = parseMerges(splitNul(merged.stdout, 'latin1'))
  invariant(merges.length === pairs.length, 'merge-tree did not answer for every pair')
  return merges
}

async function unlessItDies(merged: Promise<GitResult>): Promise<GitResult | undefined> {
  try {
    return await merged
  } catch (error) {
    if (error instanceof Failure && (error.facts.signal === 'SIGABRT' || error.facts.signal === 'SIGSEGV')) return undefined
    throw error
  }
}

/**
 * For each merge: `1` for clean or `0`, the tree, the files with conflicts, an empty field; then messages (a number of paths, these, the
 * kind, the text), and an empty field. Some conflicts are of no file that git could name, and only messages tell of them.
 */
function parseMerges(fields: readonly string[]): Merge[] {
  const merges: Merge[] = []
  let at = 0
  const next = (): string => fields[at++] ?? ''
  while (at < fields.length) {
    const isClean = next() === '1'
    const tree = requireSha(next())
    const files = new Set<string>()
    for (let file = next(); file !== ''; file = next()) files.add(file)
    const told = new Map<string, { kind: string; reasons: string[] }>()
    for (let count = next(); count !== ''; count = next()) {
      const names = new Set(Array.from({ length: Number(count) }, () => withoutCommit(next())))
      const [, kind] = /^CONFLICT ?\((.+)\)$/.exec(next()) ?? []
      const reason = Buffer.from(next(), 'latin1').toString('utf8').trim()
      if (kind === undefined) continue
      for (const name of names) {
        const known = told.get(name)
        if (known === undefined) told.set(name, { kind, reasons: [reason] })
        else known.reasons.push(reason)
      }
    }
    const paths = [...(files.size > 0 ? files : told.keys())].toSorted()
    const conflicts = paths.map((path) => ({ path, kind: 'contents', reasons: [], ...told.get(withoutCommit(path)) }))
    merges.push(isClean ? { kind: 'clean', tree } : { kind: 'conflicts', tree, conflicts })
  }
  return merges
}

/**
 * Git 2.39 ends some merges in a failed assertion (a folder renamed on one side, a folder of it become a file on the other), mostly one way round
 * only. What it cannot do either way round is a conflict. A tree with conflicts would have both sides' places exchanged.
 */
async function mergeTurned(scratch: Scratch, [ours, theirs]: Pair): Promise<Merge> {
  const [turned] = (await mergeInOne(scratch, [[theirs, ours]])) ?? []
  if (turned?.kind === 'clean') return turned
  const failed = { kind: 'merge failed', reasons: ['(git itself fails to merge this)'] }
  const conflicts = turned?.conflicts ?? (await changedByBoth(scratch, ours, theirs)).map((path) => ({ path, ...failed }))
  return { kind: 'conflicts', conflicts }
}

/** In place of the files that git would have named; never empty. */
async function changedByBoth(scratch: Scratch, ours: Sha, theirs: Sha): Promise<readonly string[]> {
  const base = (await scratch.git(['merge-base', '--end-of-options', ours, theirs], { accept: [1] })).stdout.toString('latin1').trim()
  const [mine = [], other = []] = await Promise.all(
    [ours, theirs].map(async (side) => {
      const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', '--end-of-options', base === '' ? ours : base, side]
      return splitNul((await scratch.git(args)).stdout, 'latin1')
    }),
  )
  const isMine = new Set(mine)
  const both = other.filter((path) => isMine.has(path))
  return (both.length > 0 ? both : other).toSorted()
}
