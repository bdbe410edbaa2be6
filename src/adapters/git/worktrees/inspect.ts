import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../../../foundation/brand.ts'
import { Failure } from '../../../foundation/failure.ts'
import type { WorktreeState } from '../../../ports/git.ts'
import { splitNul, type GitOptions } from '../git-command.ts'
import type { Place } from '../place.ts'
import { commitFacts } from '../history.ts'
import { requireRef } from '../refs.ts'
import { withScratch, type Scratch } from '../scratch.ts'
import { entryAt, operationIn, type Entry } from './entries.ts'

export async function inspectWorktree(place: Place, path: string): Promise<WorktreeState> {
  return inspectEntry(place, await requireEntry(place, path))
}

async function inspectEntry(place: Place, entry: Entry): Promise<WorktreeState> {
  const head = await headOf(place, entry)
  const [changes, lastCommit, operation] = await Promise.all([
    withStatus(place, entry, head, (_scratch, found) => Promise.resolve(found)),
    commitFacts(place, head),
    operationIn(entry.adminDir),
  ])
  const branch = entry.head !== undefined && 'branch' in entry.head ? entry.head.branch : undefined
  const uncommitted = [
    ...new Set(
      changes.filter((change) => change.kind !== 'submodule').map((change) => Buffer.from(change.path, 'latin1').toString('utf8')),
    ),
  ].sort()
  return { head, ...(branch === undefined ? {} : { branch }), lastCommit, uncommitted, ...(operation === undefined ? {} : { operation }) }
}

export async function requireEntry(place: Place, path: string): Promise<Entry> {
  const entry = await entryAt(place, path)
  if (entry?.head === undefined) throw new Failure('not-a-worktree', `${path} is not a worktree of ${place.root}`, { facts: { path } })
  return entry
}

export async function headOf(place: Place, entry: Entry): Promise<Sha> {
  if (entry.head === undefined)
    throw new Failure('not-a-worktree', `${entry.adminDir} is half made`, { facts: { adminDir: entry.adminDir } })
  return 'commit' in entry.head ? entry.head.commit : requireRef(place, `refs/heads/${entry.head.branch}`)
}

/** A path with uncommitted work. `path` holds its bytes as latin1, so that a name that is not UTF-8 keeps its file. */
export interface Change {
  readonly path: string
  /**
   * `nested-repository`: a repository with its own `.git` folder, also one that `git add` recorded by its HEAD; none of its files are here.
   * `submodule`: one that is checked out, whose state only running git in it could tell.
   */
  readonly kind: 'tracked' | 'untracked' | 'nested-repository' | 'submodule'
}

/**
 * Compares HEAD, index and files in a scratch git directory: see there for why nothing of the owner's can run.
 * `work` gets the scratch with its copy of the index, for a backup of the very state that was seen; `absent` are the paths outside a sparse checkout.
 */
export function withStatus<T>(
  place: Place,
  entry: Entry,
  head: Sha,
  work: (scratch: Scratch, changes: readonly Change[], absent: ReadonlySet<string>) => Promise<T>,
  options: Pick<GitOptions, 'timeoutMs' | 'signal'> = {},
): Promise<T> {
  return withScratch(place, { head, index: join(entry.adminDir, 'index') }, async (scratch) => {
    const workTree = entry.path ?? place.root
    const args = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--ignore-submodules=all', '--no-renames']
    const [index, status] = await Promise.all([
      scratch.git(['ls-files', '-v', '--stage', '-z'], { ...options, workTree }),
      scratch.git(args, { ...options, workTree }),
    ])
    const indexed = splitNul(index.stdout, 'latin1').map(parseIndexed)
    const hasHidden = await showHidden(scratch, workTree, indexed)
    const listed = splitNul((hasHidden ? await scratch.git(args, { ...options, workTree }) : status).stdout, 'latin1')
    const absent = new Set(indexed.filter(({ tag }) => /^s$/i.test(tag)).map(({ path }) => path))
    return work(scratch, [...listed.flatMap(parseChange), ...(await innerRepositories(workTree, indexed))], absent)
  })
}

interface Indexed {
  readonly tag: string
  readonly mode: string
  readonly path: string
}

/** `H 100644 <sha> 0<TAB>path` */
function parseIndexed(line: string): Indexed {
  return { tag: line.slice(0, 1), mode: line.slice(2, 8), path: line.slice(line.indexOf('\t') + 1) }
}

/** Entries marked "assume unchanged" (and "skip worktree", where the file is there) would hide work from status and from backups. */
async function showHidden(scratch: Scratch, workTree: string, indexed: readonly Indexed[]): Promise<boolean> {
  const marked = indexed.filter((entry) => /^[a-zS]$/.test(entry.tag))
  if (marked.length === 0) return false
  const present: string[] = []
  for (const { tag, path } of marked) if (tag === 'h' || (await isThere(workTree, path))) present.push(path)
  const input = Buffer.from(present.map((path) => `${path}\0`).join(''), 'latin1')
  await scratch.git(['update-index', '--no-assume-unchanged', '-z', '--stdin'], { workTree, input })
  await scratch.git(['update-index', '--no-skip-worktree', '-z', '--stdin'], { workTree, input })
  return true
}

/** Recorded in the index by their HEAD alone, and never looked into by the status above. */
async function innerRepositories(workTree: string, indexed: readonly Indexed[]): Promise<Change[]> {
  const found: Change[] = []
  for (const { mode, path } of indexed) {
    if (mode !== '160000') continue
    const inner = await lstat(pathBytes(workTree, `${path}/.git`)).catch(() => undefined)
    if (inner?.isDirectory()) found.push({ path: `${path}/`, kind: 'nested-repository' })
    else if (inner?.isFile()) found.push({ path: `${path}/`, kind: 'submodule' })
  }
  return found
}

function isThere(workTree: string, path: string): Promise<boolean> {
  return lstat(pathBytes(workTree, path)).then(
    () => true,
    () => false,
  )
}

export function pathBytes(root: string, latin1Path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(latin1Path, 'latin1')])
}

/** `1 XY sub mH mI mW hH hI path`, `u XY sub m1 m2 m3 mW h1 h2 h3 path`, `? path`. */
function parseChange(line: string): Change[] {
  const skip = line.startsWith('1 ') ? 8 : line.startsWith('u ') ? 10 : line.startsWith('? ') ? 1 : undefined
  if (skip === undefined) return []
  const path = line.split(' ').slice(skip).join(' ')
  if (skip > 1) return [{ path, kind: 'tracked' }]
  if (path.endsWith('/')) return [{ path, kind: 'nested-repository' }]
  return isOwnFile(path) ? [] : [{ path, kind: 'untracked' }]
}

/** What orch puts there and keeps elsewhere; also hidden by info/exclude, which anybody may edit. */
export function isOwnFile(path: string): boolean {
  return OWN.test(path)
}

const OWN = /^(TASK\.md|AGENT_NOTES\.md|\.orch\/.*|\.planning\/brain\/.*)$/
