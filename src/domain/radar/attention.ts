import { assertNever } from '../../foundation/invariant.ts'

/** What is known to have changed in one worktree since it was last looked at. */
export interface Attention {
  /** Relative to the worktree. */
  readonly paths: ReadonlySet<string>
  /** Whether something may have changed elsewhere: `suspected` waits for a better sign or a minute, `moved` for seconds, `due` for the next computation. */
  readonly whole: 'known' | 'suspected' | 'moved' | 'due'
  /** When all of it was last looked at, in milliseconds since the epoch. */
  readonly lookedAt: number | undefined
}

export type Sign =
  /** A tool wrote this file. */
  | { readonly kind: 'wrote'; readonly path: string }
  /** A tool ran that may have written anything. */
  | { readonly kind: 'may-have-written' }
  /** The watcher saw something in a folder of which files are known to be changed. */
  | { readonly kind: 'file-moved'; readonly path: string }
  /** The worktree's HEAD or index is another. */
  | { readonly kind: 'index-moved' }
  | { readonly kind: 'turn-ended' }

/** Now: at the next computation, which is due. Later: whenever there is one. */
export type Due = 'now' | 'later'

/** All of a worktree is looked at no more often than this for what moves its index: `git status` does too. */
const LOOK_AGAIN_MS = 10_000
/** A look at everything after each command would cost more than the commands. */
const LOOK_AT_SUSPECTED_MS = 60_000
/** While anyone is at work, what no sign told of is found after this long. */
export const SWEEP_MS = 300_000
/** More single paths than this are no cheaper than a look at everything. */
const MOST_PATHS = 500

export function newcomer(): Attention {
  return { paths: new Set(), whole: 'due', lookedAt: undefined }
}

/** Which worktrees must be computed on which sign. */
export function notice(attention: Attention, sign: Sign): { readonly attention: Attention; readonly due: Due } {
  switch (sign.kind) {
    case 'wrote':
    case 'file-moved':
      return { attention: withPath(attention, sign.path), due: 'now' }
    case 'may-have-written':
      return { attention: raised(attention, 'suspected'), due: 'later' }
    // That its HEAD moved costs nothing to see.
    case 'index-moved':
      return { attention: raised(attention, 'moved'), due: 'now' }
    case 'turn-ended':
      return { attention: raised(attention, 'due'), due: 'now' }
    default:
      return assertNever(sign)
  }
}

/** What to look at in this worktree now, and the attention that is left when that was done. */
export function lookFor(
  attention: Attention,
  now: number,
  isSweep: boolean,
): { readonly changed: readonly string[] | 'unknown'; readonly left: Attention } {
  if (isSweep || isWhole(attention, now)) return { changed: 'unknown', left: { paths: new Set(), whole: 'known', lookedAt: now } }
  return { changed: [...attention.paths], left: { ...attention, paths: new Set() } }
}

function isWhole(attention: Attention, now: number): boolean {
  switch (attention.whole) {
    case 'known':
      return false
    case 'suspected':
      return !wasLookedAt(attention, now, LOOK_AT_SUSPECTED_MS)
    case 'moved':
      return !wasLookedAt(attention, now, LOOK_AGAIN_MS)
    case 'due':
      return true
    default:
      return assertNever(attention.whole)
  }
}

function raised(attention: Attention, to: Attention['whole']): Attention {
  return RANK.indexOf(to) > RANK.indexOf(attention.whole) ? { ...attention, whole: to } : attention
}

const RANK: readonly Attention['whole'][] = ['known', 'suspected', 'moved', 'due']

/** Within so long. A clock that was set back must not put the next look off. */
function wasLookedAt({ lookedAt }: Attention, now: number, withinMs: number): boolean {
  return lookedAt !== undefined && now >= lookedAt && now - lookedAt < withinMs
}

function withPath(attention: Attention, path: string): Attention {
  if (attention.paths.has(path)) return attention
  if (attention.paths.size >= MOST_PATHS) return raised(attention, 'due')
  return { ...attention, paths: new Set([...attention.paths, path]) }
}
