import type { Sha } from '../foundation/brand.ts'

/** What landed together: neighbours on the target's first-parent line with the same `Orch-Landing`. */
export interface PastLanding {
  readonly id: string
  /** What the target was, and what it became. */
  readonly before: Sha
  readonly after: Sha
  /** When its last commit was made, in milliseconds since the epoch. */
  readonly at: number
  /** In the order in which they were merged. */
  readonly entries: readonly LandedEntry[]
}

/** From `before` to `commit` is what the entry brought; more than one commit where it was rebased. */
export interface LandedEntry {
  readonly before: Sha
  readonly commit: Sha
  /** As `Orch-Entry` says. */
  readonly entry?: string
  /** As `Orch-Task` says, else the entry, else the subject. */
  readonly name: string
  readonly subject: string
}

export interface RevertRequest {
  readonly target: Sha
  /** What changed between the two is taken back; both on the target's line, `from` the older. */
  readonly from: Sha
  readonly to: Sha
  readonly message: string
  readonly trailers: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Something of the user's configuration that a landing passes by, or needs. Paths and settings as they were found: not safe for a terminal. */
export interface LandingObstacle {
  /**
   * `signing`: commits are signed, by the user's own program. `signing-refused`: what a session could have written has a say in it, so that
   * building a candidate is refused. `hook`: an executable that `git merge`, `git commit` or moving a branch would run, and a landing does not.
   */
  readonly kind: 'signing' | 'signing-refused' | 'hook'
  /** The setting's name, or the hook's path. */
  readonly what: string
  readonly effect: string
}
