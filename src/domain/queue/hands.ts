import type { Sha } from '../../foundation/brand.ts'
import type { EntryOutcome } from './entry.ts'
import type { Scope, TestFailure, TestId, TestRun } from './test-run.ts'

/**
 * What settling a batch may do to the world. Members are entry ids, in the order in which they are merged onto `base`.
 * In the product each call is a durable step; in tests it is a simulation with an answer key.
 */
export interface Hands {
  /** Builds base + members and tests it. `rerun` (1, 2, …) asks anew what has been answered: for flaky tests only. */
  test(request: TestRequest): Promise<TestRun | Unbuildable>
  /** Per failure the members in the order of suspicion. A hint: what is done must be right whatever it says. */
  rank(request: {
    readonly base: Sha
    readonly members: readonly string[]
    readonly failures: readonly TestFailure[]
  }): Promise<readonly Ranking[]>
  /** Lands base + members, of which `test` with scope `all` passed. */
  land(request: { readonly base: Sha; readonly members: readonly string[] }): Promise<LandResult>
  /** Known for good from here on; each entry once. */
  tell(member: string, outcome: EntryOutcome): Promise<void>
  /** These failed and passed on the same tree. */
  noteFlaky(step: string, tests: readonly TestId[]): Promise<void>
}

export type TestRequest = {
  readonly base: Sha
  readonly members: readonly string[]
  readonly scope: Scope
  readonly rerun?: number
  readonly why: Why
}

/** For people, and for the bench: what a run was for. */
export type Why = 'batch' | 'rest' | 'flaky?' | 'target?' | 'suspect' | 'search' | 'partner' | 'cleared' | 'alone' | 'confirm'

/** This member does not merge cleanly onto what is before it. */
export type Unbuildable = { readonly kind: 'unbuildable'; readonly member: string; readonly files: readonly string[] }

export type Ranking = { readonly test: TestId; readonly suspects: readonly { readonly member: string; readonly score: number }[] }

export type LandResult =
  | { readonly kind: 'landed'; readonly commit: Sha }
  /** Kept under a ref until the checkout of the target is clean; more can be built upon it. */
  | { readonly kind: 'held'; readonly commit: Sha; readonly ref: string; readonly checkout: string; readonly dirty: readonly string[] }
  | { readonly kind: 'target-moved'; readonly found: Sha }
  /** These cannot land any more, by id with where their branch is now (null: gone); nothing has landed. */
  | { readonly kind: 'void'; readonly members: Readonly<Record<string, Sha | null>> }
