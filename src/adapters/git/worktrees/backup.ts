import { lstat, readdir, readlink } from 'node:fs/promises'
import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { branchRef } from '../branch-name.ts'
import { identityEnvironment } from '../identity.ts'
import { onRepository, zeroSha, type Place } from '../place.ts'
import { cQuote, type Scratch, type ScratchOptions } from '../scratch.ts'
import type { Entry } from './entries.ts'
import { headOf, pathBytes, requireEntry, withStatus, type Change } from './inspect.ts'

/**
 * The files as they are on disk, byte for byte (no filter runs, so no line ends change), as a commit on the worktree's HEAD.
 * Work that is staged but no longer on disk is the commit's second parent, as in a stash.
 */
export async function backupWorktree(place: Place, path: string, id: string): Promise<{ ref: string; commit: Sha } | undefined> {
  const entry = await requireEntry(place, path)
  const head = await headOf(place, entry)
  const ref = branchRef(id).replace('refs/heads/', 'refs/orch/backup/')
  return withStatus(place, entry, head, async (scratch, all) => {
    const changes = all.filter((change) => change.kind !== 'submodule')
    if (changes.length === 0) return undefined
    const commit = await commitFiles(place, scratch, entry, head, changes)
    await onRepository(place, ['update-ref', '--end-of-options', ref, commit])
    return { ref, commit }
  })
}

async function commitFiles(place: Place, scratch: Scratch, entry: Entry, head: Sha, changes: readonly Change[]): Promise<Sha> {
  const env = await identityEnvironment(place)
  const staged = await stagedTree(scratch)
  const tree = await filesTree(place, scratch, entry, head, changes, { objects: 'kept' })
  const headTree = shaOf((await scratch.git(['rev-parse', '--verify', '--end-of-options', `${head}^{tree}`])).stdout)
  const parents = [head]
  if (staged !== undefined && staged !== headTree && staged !== tree)
    parents.push(await commitTree(scratch, env, staged, [head], 'The index at the time of the backup'))
  return commitTree(scratch, env, tree, parents, `Uncommitted work of ${entry.path ?? place.root}`)
}

/** Undefined while a merge has unmerged entries: a tree cannot hold them, and their files are on disk. */
async function stagedTree(scratch: Scratch): Promise<Sha | undefined> {
  const written = await scratch.git(['write-tree'], { objects: 'kept', accept: [128] })
  return written.exitCode === 0 ? shaOf(written.stdout) : undefined
}

/** The tree of HEAD with these changes as they are on disk. Its objects go with the scratch unless `keeping` says otherwise. */
export async function filesTree(
  place: Place,
  scratch: Scratch,
  entry: Entry,
  head: Sha,
  changes: readonly Change[],
  keeping: Pick<ScratchOptions, 'objects'> = {},
): Promise<Sha> {
  const root = entry.path ?? place.root
  const env = { GIT_INDEX_FILE: `${scratch.dir}/backup-index` }
  await scratch.git(['read-tree', '--end-of-options', head], { env })
  const found = await findFiles(root, changes)
  const hashes = await hashFiles(
    scratch,
    root,
    found.filter((file) => file.kind === 'file'),
    keeping,
  )
  const lines: string[] = []
  for (const file of found) {
    if (file.kind === 'gone') lines.push(`0 ${zeroSha(place)}\t${file.path}\0`)
    if (file.kind === 'file') lines.push(`${file.isExecutable ? '100755' : '100644'} ${hashes.get(file.path) ?? ''}\t${file.path}\0`)
    if (file.kind === 'symlink')
      lines.push(`120000 ${await hashBytes(scratch, await readlink(pathBytes(root, file.path), 'buffer'), keeping)}\t${file.path}\0`)
  }
  await scratch.git(['update-index', '-z', '--index-info'], { env, input: Buffer.from(lines.join(''), 'latin1') })
  return shaOf((await scratch.git(['write-tree'], { ...keeping, env })).stdout)
}

type Found = { readonly path: string } & ({ readonly kind: 'file'; readonly isExecutable: boolean } | { readonly kind: 'symlink' | 'gone' })

async function findFiles(root: string, changes: readonly Change[]): Promise<Found[]> {
  const found = new Map<string, Found>()
  for (const change of changes) {
    const files = change.kind === 'nested-repository' ? await walkNested(root, change.path) : [await look(root, change.path)]
    for (const file of files) found.set(file.path, file)
  }
  // Removals first: a file that became a folder must leave before what is in the folder comes.
  return [...found.values()].sort((a, b) => Number(b.kind === 'gone') - Number(a.kind === 'gone'))
}

async function look(root: string, path: string): Promise<Found> {
  const stats = await lstat(pathBytes(root, path)).catch(() => undefined)
  if (stats?.isSymbolicLink()) return { path, kind: 'symlink' }
  return stats?.isFile() ? { path, kind: 'file', isExecutable: (stats.mode & 0o100) !== 0 } : { path, kind: 'gone' }
}

/** The files of a repository inside the worktree, without its `.git`: git itself would only record its HEAD. */
async function walkNested(root: string, folder: string): Promise<Found[]> {
  const found: Found[] = []
  for (const entry of await readdir(pathBytes(root, folder), { withFileTypes: true, encoding: 'buffer' }).catch(() => [])) {
    const path = `${folder}${entry.name.toString('latin1')}`
    if (entry.name.toString('latin1').toLowerCase() === '.git') continue
    if (entry.isDirectory()) found.push(...(await walkNested(root, `${path}/`)))
    else if (entry.isFile() || entry.isSymbolicLink()) found.push(await look(root, path))
  }
  return found
}

async function hashFiles(
  scratch: Scratch,
  root: string,
  files: readonly Found[],
  keeping: Pick<ScratchOptions, 'objects'>,
): Promise<Map<string, string>> {
  if (files.length === 0) return new Map()
  const prefix = Buffer.from(`${root}/`).toString('latin1')
  const input = Buffer.from(files.map((file) => `${quoteLine(prefix + file.path)}\n`).join(''), 'latin1')
  const hashed = await scratch.git(['hash-object', '-w', '--no-filters', '--stdin-paths'], { ...keeping, input })
  const shas = hashed.stdout.toString('utf8').trim().split('\n')
  return new Map(files.map((file, at) => [file.path, shas[at] ?? '']))
}

/** `hash-object --stdin-paths` unquotes a line that begins with a quote. */
export function quoteLine(path: string): string {
  return /["\n\r]/.test(path) ? cQuote(path, true) : path
}

async function hashBytes(scratch: Scratch, bytes: Uint8Array, keeping: Pick<ScratchOptions, 'objects'>): Promise<Sha> {
  return shaOf((await scratch.git(['hash-object', '-w', '--no-filters', '--stdin'], { ...keeping, input: bytes })).stdout)
}

async function commitTree(
  scratch: Scratch,
  env: Readonly<Record<string, string>>,
  tree: Sha,
  parents: readonly Sha[],
  message: string,
): Promise<Sha> {
  const args = ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree]
  return shaOf((await scratch.git(args, { env, objects: 'kept', input: `${message}\n` })).stdout)
}

function shaOf(output: Buffer): Sha {
  const sha = parseSha(output.toString('utf8').trim())
  invariant(sha !== undefined, 'git answered something that is no object id')
  return sha
}
