import { invariant } from '../../../foundation/invariant.ts'
import type { Sha } from '../../../foundation/brand.ts'
import { splitNul } from '../git-command.ts'
import type { Scratch } from '../scratch.ts'
import { Recent } from './recent.ts'

/** What one commit changes against its parents. Names are bytes, as latin1; folders are all those on the way, the root as ''. */
export interface Touched {
  readonly paths: ReadonlySet<string>
  readonly added: ReadonlySet<string>
  readonly foldersOfAdded: ReadonlySet<string>
  readonly foldersOfDeleted: ReadonlySet<string>
}

/** In one process for all that were not asked of lately. */
export async function touchedBy(scratch: Scratch, commits: readonly Sha[]): Promise<ReadonlyMap<Sha, Touched>> {
  const found = new Map<Sha, Touched>()
  const unknown: Sha[] = []
  for (const commit of commits) {
    const touched = recent.get(commit)
    if (touched === undefined) unknown.push(commit)
    else found.set(commit, touched)
  }
  for (const [commit, touched] of await askForTouched(scratch, unknown)) {
    recent.set(commit, touched)
    found.set(commit, touched)
  }
  return found
}

const recent = new Recent<Touched>(
  200_000,
  ({ paths, added, foldersOfAdded, foldersOfDeleted }) => 1 + paths.size + added.size + foldersOfAdded.size + foldersOfDeleted.size,
)

/** A merge is compared with each of its parents: it may take back what came by one of them. */
async function askForTouched(scratch: Scratch, commits: readonly Sha[]): Promise<ReadonlyMap<Sha, Touched>> {
  const found = new Map(commits.map((commit) => [commit, nothing()]))
  if (commits.length === 0) return found
  const args = ['diff-tree', '--stdin', '-m', '-r', '-z', '--root', '--no-renames', '--name-status']
  const { stdout } = await scratch.git(args, { input: commits.map((commit) => `${commit}\n`).join('') })
  let touched: ReturnType<typeof nothing> | undefined
  const fields = splitNul(stdout, 'latin1')
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? ''
    if (field.length > 1) touched = found.get(field as Sha)
    else {
      const path = fields[(at += 1)] ?? ''
      invariant(touched !== undefined, 'diff-tree named a path of no commit')
      touched.paths.add(path)
      if (field === 'A') touched.added.add(path)
      if (field === 'A') addFolders(touched.foldersOfAdded, path)
      if (field === 'D') addFolders(touched.foldersOfDeleted, path)
    }
  }
  return found
}

function nothing(): Record<keyof Touched, Set<string>> {
  return { paths: new Set(), added: new Set(), foldersOfAdded: new Set(), foldersOfDeleted: new Set() }
}

function addFolders(folders: Set<string>, path: string): void {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) folders.add(path.slice(0, slash))
  folders.add('')
}
