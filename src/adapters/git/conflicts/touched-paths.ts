import { invariant } from '../../../foundation/invariant.ts'
import type { Sha } from '../../../foundation/brand.ts'
import { splitNul } from '../git-command.ts'
import type { Scratch } from '../scratch.ts'
import { footprintOf, type Footprint, type PathChange } from './footprint.ts'
import { Recent } from './recent.ts'

/** In one process for all that were not asked of lately. */
export async function touchedBy(scratch: Scratch, commits: readonly Sha[]): Promise<ReadonlyMap<Sha, Footprint>> {
  const found = new Map<Sha, Footprint>()
  const unknown: Sha[] = []
  for (const commit of commits) {
    const touched = recent.get(commit)
    if (touched === undefined) unknown.push(commit)
    else found.set(commit, touched)
  }
  for (const [commit, changes] of await askForChanges(scratch, unknown)) {
    const touched = footprintOf(changes)
    recent.set(commit, touched)
    found.set(commit, touched)
  }
  return found
}

const recent = new Recent<Footprint>(200_000, ({ makes, minds }) => 1 + makes.size + minds.size)

/** A merge is compared with each of its parents: it may take back what came by one of them. */
async function askForChanges(scratch: Scratch, commits: readonly Sha[]): Promise<ReadonlyMap<Sha, readonly PathChange[]>> {
  const found = new Map(commits.map((commit) => [commit, [] as PathChange[]]))
  if (commits.length === 0) return found
  const args = ['diff-tree', '--stdin', '-m', '-r', '-z', '--root', '--no-renames', '--name-status']
  const { stdout } = await scratch.git(args, { input: commits.map((commit) => `${commit}\n`).join('') })
  let changes: PathChange[] | undefined
  const fields = splitNul(stdout, 'latin1')
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? ''
    if (field.length > 1) changes = found.get(field as Sha)
    else {
      invariant(changes !== undefined, 'diff-tree named a path of no commit')
      changes.push({ status: field, path: fields[(at += 1)] ?? '' })
    }
  }
  return found
}
