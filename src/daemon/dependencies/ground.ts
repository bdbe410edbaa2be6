import type { Sha } from '../../foundation/brand.ts'
import type { Repository } from '../../ports/git.ts'
import { decidesSetUp } from './set-up-key.ts'

/** A worktree that is to be set up, and by what. */
export interface Ground {
  readonly project: string
  /** Absolute path of the main worktree. */
  readonly repository: string
  /** Absolute path of the worktree. */
  readonly path: string
  readonly line: string
  /** Which ignored folders may be copied: a name at any depth, or a path from the root. */
  readonly share: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Of everything that runs here. */
  readonly marker: string
  /** Of the set-up, and of waiting for another's. */
  readonly timeoutMs: number
  /** Says where the dependencies came from. */
  readonly log: string
  readonly signal: AbortSignal
}

/** What lies in a worktree besides its commit. */
export interface GroundState {
  readonly head: Sha
  readonly uncommitted: readonly string[]
  readonly ignored: readonly string[]
}

export async function observeGround(repository: Repository, path: string): Promise<GroundState> {
  const [{ head, uncommitted }, ignored] = await Promise.all([repository.inspectWorktree(path), repository.ignoredPaths(path)])
  return { head, uncommitted, ignored }
}

/** Why the set-up's outcome would not be what the commit alone decides; undefined when it is. */
export function objectionBefore({ uncommitted, ignored }: GroundState, share: readonly string[]): string | undefined {
  const changed = uncommitted.find(decidesSetUp)
  if (changed !== undefined) return `${changed} is not as it is in the commit`
  const present = ignored.find((path) => isShared(path, share))
  return present === undefined ? undefined : `${present} was there before`
}

/** What the set-up made, if all of it may be shared. */
export function madeBetween(
  before: GroundState,
  after: GroundState,
  share: readonly string[],
): { readonly paths: readonly string[] } | { readonly reason: string } {
  if (after.head !== before.head) return { reason: 'it made a commit' }
  const changed = after.uncommitted.find((path) => !before.uncommitted.includes(path))
  if (changed !== undefined) return { reason: `it changed ${changed}` }
  const paths = after.ignored.filter((path) => !before.ignored.includes(path))
  const other = paths.find((path) => !isShared(path, share))
  if (other !== undefined) return { reason: `it made ${other}, which share-dependencies does not name` }
  return paths.length === 0 ? { reason: 'it made nothing' } : { paths }
}

function isShared(path: string, share: readonly string[]): boolean {
  const names = share.map((name) => name.replace(/^\.\//, '').replace(/\/+$/, ''))
  return names.includes(path) || names.includes(path.slice(path.lastIndexOf('/') + 1))
}
