/** A test as its runner names it. Equal ids are the same test. */
export type TestId = {
  /** Of the repository, with forward slashes; absent where the runner does not say. */
  readonly file?: string
  /** With the names of what it stands in: `cart > adds up`. */
  readonly name: string
}

export type TestFailure = TestId & {
  /** What the runner printed for it, at most 4 KB. */
  readonly message: string
  /** Places of the repository that the message names, the innermost first. */
  readonly frames: readonly { readonly path: string; readonly line: number }[]
}

/** What is tested: every step; or one step, of it only these tests (empty: the whole step). */
export type Scope = 'all' | { readonly step: string; readonly tests: readonly TestId[] }

/** What became of testing one tree. Times in milliseconds. */
export type TestRun = TestRunCost &
  (
    | { readonly kind: 'passed' }
    /** `failures` is empty where the report says nothing of single tests. `setup` is a step too. */
    | {
        readonly kind: 'failed'
        readonly step: string
        readonly failures: readonly TestFailure[]
        /** Which tests of the step passed, where the report says so and the scope named tests. */
        readonly passed: readonly TestId[]
        readonly summary: string
        /** The end of the output, at most 6000 characters. */
        readonly tail: string
        readonly log: string
      }
    /** Ended from outside, so it says nothing. */
    | { readonly kind: 'stopped' }
  )

export type TestRunCost = {
  readonly durationMs: number
  /** The answer was known from an earlier run of the same tree, step and environment. */
  readonly isCached: boolean
  /** Tests that ran, where a report counts them. */
  readonly tests?: number
}

export function testKey({ file = '', name }: TestId): string {
  return `${file}\0${name}`
}
