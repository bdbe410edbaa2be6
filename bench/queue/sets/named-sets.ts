/** What a generated set is made of. Rates are chances per run of the test. */
export interface SetOptions {
  readonly name: string
  readonly n: number
  /** Fail by themselves; `untouched` of them in a test that they do not touch. */
  readonly bad: number
  readonly untouched: number
  /** Pairs. */
  readonly textual: number
  readonly semantic: number
  readonly flakyTests: number
  readonly flakyRate: number
  /** Branches that add a dependency. */
  readonly lockfile: number
  readonly modules: number
  readonly functionsPerModule: number
  /** Milliseconds of each test, about. */
  readonly work: number
  readonly seed: number
}

const fifty: Omit<SetOptions, 'name' | 'seed'> = {
  n: 50,
  bad: 5,
  untouched: 2,
  textual: 7,
  semantic: 4,
  flakyTests: 2,
  flakyRate: 0.05,
  lockfile: 2,
  modules: 40,
  functionsPerModule: 6,
  work: 45,
}

const clean = { bad: 0, untouched: 0, textual: 0, semantic: 0, flakyTests: 0, flakyRate: 0 }

export const SETS: Readonly<Record<string, Omit<SetOptions, 'name' | 'seed'>>> = {
  small: { ...fifty, n: 12, bad: 2, untouched: 1, textual: 1, semantic: 1, flakyTests: 1, lockfile: 1, modules: 24, functionsPerModule: 5 },
  goal: fifty,
  clean50: { ...fifty, ...clean },
}
