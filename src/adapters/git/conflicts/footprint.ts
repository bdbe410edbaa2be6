/*
 * Which two sides can conflict at all, without merging them. Two sides that change a common path can. Sides without one can only where git moves
 * a path on its own: one side renames a whole folder (never the root) while the other adds a file to it, or one side puts a file where the other
 * needs a folder. Everything else that a merge looks at belongs to one path, which both then change.
 */

/** What one side changes, as marks: a path, or `folder/` for what is in a folder. Bytes, as latin1. */
export interface Footprint {
  /** Every changed path, and every folder that gets a file. */
  readonly makes: ReadonlySet<string>
  /** What another side must not make for the two to be apart. */
  readonly minds: ReadonlySet<string>
}

export interface PathChange {
  /** As `diff-tree --name-status --no-renames` says: A, M, D, T. */
  readonly status: string
  readonly path: string
}

/** `isGone`: whether nothing is left of a folder that loses a file; git takes no other for renamed. Unasked, it is assumed. */
export function footprintOf(changes: readonly PathChange[], isGone: (folder: string) => boolean = () => true): Footprint {
  const makes = new Set<string>()
  const minds = new Set<string>()
  for (const { status, path } of changes) {
    makes.add(path)
    minds.add(path)
    if (status === 'A') {
      for (const folder of foldersOf(path)) {
        makes.add(`${folder}/`)
        minds.add(folder)
      }
    }
    if (status === 'D') for (const folder of foldersOf(path)) if (isGone(folder)) minds.add(`${folder}/`)
  }
  return { makes, minds }
}

/** Those that may have been renamed: a side that only removes, or only adds, renames nothing. */
export function foldersThatMayBeGone(changes: readonly PathChange[]): string[] {
  if (!changes.some(({ status }) => status === 'A')) return []
  return [...new Set(changes.flatMap(({ status, path }) => (status === 'D' ? [...foldersOf(path)] : [])))]
}

export function mayConflict(one: Footprint, other: Footprint): boolean {
  return meet(one.makes, other.minds) || meet(other.makes, one.minds)
}

function* foldersOf(path: string): Iterable<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end)
}

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const [few, many] = one.size < other.size ? [one, other] : [other, one]
  for (const path of few) if (many.has(path)) return true
  return false
}
