import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { plainLine } from '../../../foundation/text.ts'
import type { CandidateRequest, MergeForecast } from '../../../ports/git.ts'
import { splitNul } from '../git-command.ts'
import { identityEnvironment } from '../identity.ts'
import type { Place } from '../place.ts'
import { isAncestor, mergeBase } from '../history.ts'
import { withScratch, type Scratch, type ScratchOptions } from '../scratch.ts'
import { readFile, treeOf } from '../tree.ts'

/*
 * Merges are made in the object database from a scratch git directory: merge drivers are programs named in configuration, so only git's own
 * ones (text, binary, union) apply, by the target's own root `.gitattributes`. A forecast's objects go with the scratch directory.
 */

export async function forecastMerge(place: Place, target: Sha, head: Sha): Promise<MergeForecast> {
  if (await isAncestor(place, head, target)) return { kind: 'already-merged' }
  await requireRelated(place, target, head)
  return inMergeScratch(place, target, async (scratch) => mergeTrees(scratch, target, head))
}

export async function conflictsWith(
  place: Place,
  head: Sha,
  others: readonly { branch: string; head: Sha }[],
): Promise<{ branch: string; files: readonly string[] }[]> {
  const related: { branch: string; head: Sha }[] = []
  for (const other of others) if (other.head !== head && (await hasBase(place, head, other.head))) related.push(other)
  if (related.length === 0) return []
  return inMergeScratch(place, head, async (scratch) => {
    const input = related.map((other) => `${head} ${other.head}\n`).join('')
    const merged = await scratch.git(['merge-tree', '--write-tree', '--stdin', '--name-only', '--no-messages'], { input })
    const files = parseMerges(merged.stdout)
    invariant(files.length === related.length, 'merge-tree did not answer for every pair')
    return related.flatMap((other, at) => ((files[at]?.length ?? 0) > 0 ? [{ branch: other.branch, files: files[at] ?? [] }] : []))
  })
}

export async function buildCandidate(
  place: Place,
  request: CandidateRequest,
): Promise<{ commit: Sha; tree: Sha } | { conflicts: readonly string[] }> {
  const { target, head } = request
  const base = await mergeBase(place, target, head)
  if (base === undefined) throw unrelated(target, head)
  const [isMerged, isAhead] = [base === head, base === target]
  const isForward = isMerged || isAhead
  return inMergeScratch(place, target, async (scratch) => {
    const merged = isForward
      ? ({ kind: 'clean', tree: await treeOf(place, isMerged ? target : head) } as const)
      : await mergeTrees(scratch, target, head)
    if (merged.kind === 'conflicts') return { conflicts: merged.files }
    // Clean: once more, with the objects kept.
    if (!isForward) await mergeTrees(scratch, target, head, { objects: 'kept' })
    const tree = await editTree(scratch, merged.tree, request.edits)
    if (isForward && tree === merged.tree) return { commit: isMerged ? target : head, tree }
    const parents = isMerged ? [target] : [target, head]
    return { commit: await commit(place, scratch, tree, parents, request), tree }
  })
}

async function inMergeScratch<T>(place: Place, target: Sha, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const attributes = await readFile(place, target, '.gitattributes')
  return withScratch(place, { attributes }, work)
}

async function mergeTrees(
  scratch: Scratch,
  target: Sha,
  head: Sha,
  options: ScratchOptions = {},
): Promise<{ kind: 'clean'; tree: Sha } | { kind: 'conflicts'; files: readonly string[] }> {
  const merged = await scratch.git(['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--end-of-options', target, head], {
    ...options,
    accept: [1],
  })
  const [tree = '', ...files] = splitNul(merged.stdout)
  if (merged.exitCode === 1) return { kind: 'conflicts', files: [...new Set(files.filter((file) => file !== ''))].sort() }
  return { kind: 'clean', tree: requireSha(tree) }
}

/** For each merge: `1` or `0`, the tree, the files with conflicts, an empty field. */
function parseMerges(output: Buffer): string[][] {
  const merges: string[][] = []
  let fields: string[] = []
  for (const field of output.toString('utf8').split('\0').slice(0, -1)) {
    if (field !== '') fields.push(field)
    else {
      const [isClean, , ...files] = fields
      merges.push(isClean === '1' ? [] : [...new Set(files)].sort())
      fields = []
    }
  }
  return merges
}

async function requireRelated(place: Place, target: Sha, head: Sha): Promise<void> {
  if (!(await hasBase(place, target, head))) throw unrelated(target, head)
}

function unrelated(target: Sha, head: Sha): Failure {
  return new Failure('unrelated-histories', `${head} and ${target} have no commit in common`, {
    facts: { target, head },
    next: 'In a shallow clone, `git fetch --unshallow` may bring the common history.',
  })
}

async function hasBase(place: Place, one: Sha, other: Sha): Promise<boolean> {
  return (await mergeBase(place, one, other)) !== undefined
}

async function editTree(scratch: Scratch, tree: Sha, edits: Readonly<Record<string, Uint8Array>>): Promise<Sha> {
  let edited = tree
  for (const [path, content] of Object.entries(edits)) {
    const blob = scratch.git(['hash-object', '-w', '--no-filters', '--stdin'], { objects: 'kept', input: content })
    edited = await replaceIn(scratch, edited, path.split('/'), async () => requireSha((await blob).stdout.toString('utf8').trim()))
  }
  return edited
}

/** The tree with this file replaced, and so every folder on the way to it. Names are bytes, as latin1. */
async function replaceIn(scratch: Scratch, tree: Sha | undefined, path: readonly string[], blob: () => Promise<Sha>): Promise<Sha> {
  const [first = '', ...rest] = path
  const name = Buffer.from(first, 'utf8').toString('latin1')
  const listed = tree === undefined ? [] : splitNul((await scratch.git(['ls-tree', '-z', tree])).stdout, 'latin1')
  const known = listed.find((line) => line.slice(line.indexOf('\t') + 1) === name)
  const [mode, kind, sha = ''] = known?.slice(0, known.indexOf('\t')).split(' ') ?? []
  const entry =
    rest.length > 0
      ? `040000 tree ${await replaceIn(scratch, kind === 'tree' ? requireSha(sha) : undefined, rest, blob)}\t${name}`
      : `${mode === '100755' ? mode : '100644'} blob ${await blob()}\t${name}`
  const input = Buffer.from([...listed.filter((line) => line !== known), entry].map((line) => `${line}\0`).join(''), 'latin1')
  return requireSha((await scratch.git(['mktree', '-z'], { objects: 'kept', input })).stdout.toString('utf8').trim())
}

async function commit(place: Place, scratch: Scratch, tree: Sha, parents: readonly Sha[], request: CandidateRequest): Promise<Sha> {
  const env = await identityEnvironment(place, request.at)
  const args = ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree]
  const made = await scratch.git(args, { env, objects: 'kept', input: renderMessage(request) })
  return requireSha(made.stdout.toString('utf8').trim())
}

function renderMessage(request: CandidateRequest): string {
  const trailers = Object.entries(request.trailers).map(([key, value]) => {
    invariant(/^[A-Za-z0-9-]+$/.test(key), `${key} cannot be a trailer`)
    return `${key}: ${plainLine(value, 1000)}`
  })
  const message = request.message.replaceAll('\0', '').trim()
  return trailers.length === 0 ? `${message}\n` : `${message}\n\n${trailers.join('\n')}\n`
}

function requireSha(text: string): Sha {
  const sha = parseSha(text)
  invariant(sha !== undefined, 'git answered something that is no object id')
  return sha
}
