/*
 * Which pairs of changes can conflict at all, without merging them. Two sides that change a common path can. Sides without one can only where
 * git moves a path on its own: one side renames a whole folder while the other adds a file to it ("file location"), or one side puts a file
 * where the other needs a folder. Everything else that a merge looks at belongs to one path, which both then change.
 */

/** What one side changed since the common base. Paths are bytes, as latin1. */
export interface SideChanges {
  readonly paths: ReadonlySet<string>
  /** Every folder on the way to an added path. */
  readonly addedInto: ReadonlySet<string>
  /** Folders of the base that may have been renamed. */
  readonly goneFolders: ReadonlySet<string>
}

export interface PathChange {
  /** As `diff-tree --name-status` says: A, M, D, T. */
  readonly status: string
  readonly path: string
}

export function mayConflict(one: SideChanges, other: SideChanges): boolean {
  return (
    meet(one.paths, other.paths) ||
    meet(one.paths, other.addedInto) ||
    meet(other.paths, one.addedInto) ||
    meet(one.goneFolders, other.addedInto) ||
    meet(other.goneFolders, one.addedInto)
  )
}

/** A folder that lost a file counts as gone when something was added elsewhere: whether more is left in it is not asked, as few sides do both. */
export function toSideChanges(changes: readonly PathChange[]): SideChanges {
  const paths = new Set<string>()
  const addedInto = new Set<string>()
  const goneFolders = new Set<string>()
  const isRenaming = changes.some(({ status }) => status === 'A')
  for (const { status, path } of changes) {
    paths.add(path)
    if (status === 'A') addFolders(addedInto, path)
    if (status === 'D' && isRenaming) addFolders(goneFolders, path)
  }
  return { paths, addedInto, goneFolders }
}

function addFolders(folders: Set<string>, path: string): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const folder = path.slice(0, end)
    if (folders.has(folder)) return
    folders.add(folder)
  }
}

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const [few, many] = one.size < other.size ? [one, other] : [other, one]
  for (const path of few) if (many.has(path)) return true
  return false
}
