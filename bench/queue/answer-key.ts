/** What is known of a set of branches before any policy sees it. Also the format of `--key` (README.md beside this file). */
export interface AnswerKey {
  readonly schema: 1
  readonly target: string
  /** In the order in which they are offered. */
  readonly branches: readonly string[]
  /** Fail by themselves. */
  readonly bad: readonly string[]
  /** Each pair does not merge. */
  readonly textual: readonly (readonly string[])[]
  /** Each is green alone, and red as soon as all of one line are in. */
  readonly together: readonly (readonly string[])[]
  readonly steps: readonly { readonly name: string; readonly run: string }[]
  /** Tests of the whole suite at the target, where a witness counts them. */
  readonly tests?: number
  /** Environment in which no test is flaky. */
  readonly steady?: Readonly<Record<string, string>>
  /** For people: what each branch is. */
  readonly kinds?: Readonly<Record<string, string>>
}

type Sets = readonly (readonly string[])[]

/** By the key alone: would the target be green with exactly these in it? */
export function isGreen(key: AnswerKey, members: ReadonlySet<string>): boolean {
  return !key.bad.some((name) => members.has(name)) && !key.together.some((set) => set.every((name) => members.has(name)))
}

/** The largest set that can land. */
export function maxLandable(key: AnswerKey): readonly string[] {
  const good = key.branches.filter((name) => !key.bad.includes(name))
  const rules = [...key.textual, ...key.together].filter((set) => set.every((name) => good.includes(name)))
  const left = new Set(componentsOf(rules).flatMap(leastRemoval))
  return good.filter((name) => !left.has(name))
}

/** Nothing is wrong with it, and nothing that landed stands against it. */
export function isInnocent(key: AnswerKey, name: string, landed: ReadonlySet<string>): boolean {
  if (key.bad.includes(name)) return false
  return ![...key.textual, ...key.together].some((set) => set.includes(name) && set.every((one) => one === name || landed.has(one)))
}

/** ⌈log2 C(n, k)⌉: the fewest runs that a queue needs which hears only "passed" or "failed" (k of n cannot land). At least one. */
export function informationBound(key: AnswerKey): number {
  const withoutTextual = maxLandable({ ...key, bad: [], together: [] }).length
  const k = withoutTextual - Math.min(withoutTextual, maxLandable(key).length)
  return Math.max(1, Math.ceil(log2Choose(withoutTextual, k) - 1e-9))
}

export function log2Choose(n: number, k: number): number {
  let sum = 0
  for (let index = 1; index <= k; index++) sum += Math.log2(n - k + index) - Math.log2(index)
  return sum
}

function componentsOf(rules: Sets): Sets[] {
  const components: Sets[] = []
  for (const rule of rules) {
    const touched = components.filter((component) => component.some((set) => set.some((name) => rule.includes(name))))
    for (const one of touched) components.splice(components.indexOf(one), 1)
    components.push([...touched.flat(), rule])
  }
  return components
}

/** Smallest set of names that hits every rule: one of the first rule's names must go. */
function leastRemoval(rules: Sets): readonly string[] {
  const [first, ...rest] = rules
  if (first === undefined) return []
  const choices = first.map((name) => [name, ...leastRemoval(rest.filter((set) => !set.includes(name)))])
  return choices.reduce((best, choice) => (choice.length < best.length ? choice : best))
}
