import type { Sha } from '../foundation/brand.ts'

/** Files are the conflicting ones, sorted; only pairs with some are named, in the order of the request. */
export interface ConflictsAmong {
  readonly withTarget: readonly { readonly head: Sha; readonly files: readonly string[] }[]
  /** Of heads that are not merged already. */
  readonly pairs: readonly { readonly a: Sha; readonly b: Sha; readonly files: readonly string[] }[]
  readonly alreadyMerged: readonly Sha[]
  /** Without a commit in common with the target. They are in no pair. */
  readonly unrelated: readonly Sha[]
}
