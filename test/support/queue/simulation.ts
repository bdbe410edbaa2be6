import type { Sha } from '../../../src/foundation/brand.ts'
import type { Batch } from '../../../src/domain/queue/batch.ts'
import type { EntryOutcome, QueueEntry } from '../../../src/domain/queue/entry.ts'
import type { Hands, LandResult, Ranking, TestRequest, Unbuildable } from '../../../src/domain/queue/hands.ts'
import type { TestFailure, TestId, TestRun } from '../../../src/domain/queue/test-run.ts'

/** What is true of a simulated project. Times of one whole suite are 1000 ms. */
export type AnswerKey = {
  /** Steps in order with their share of the suite; the tests of those that report. */
  readonly steps: readonly { readonly name: string; readonly share: number; readonly tests?: readonly string[] }[]
  /** When all of `members` are in a tree, and none of `mendedBy`, these tests fail; a step without tests fails as a whole. No members: the target itself. */
  readonly breakages: readonly Breaking[]
  readonly flaky: readonly { readonly test: string; readonly rate: number }[]
  /** Tests that exist only in trees with this member. A run that names only tests which do not exist fails and reports nothing. */
  readonly addedBy?: Readonly<Record<string, string>>
  /** Cannot be merged when all of these are there; the last of them is named. */
  readonly unbuildable?: readonly (readonly string[])[]
  readonly ranking: 'perfect' | 'random' | 'adversarial' | 'none'
  readonly seed: number
}

export type Breaking = { readonly members: readonly string[]; readonly tests: readonly string[]; readonly mendedBy?: readonly string[] }

export type Asked = TestRequest & { readonly cost: number; readonly outcome: TestRun['kind'] | 'unbuildable' }

/** A run of only some tests: to begin at all, in suites. */
const OVERHEAD = 0.03

/** A world with an answer key, an account of the costs, and a watch over the promises. */
export class QueueSimulation implements Hands {
  readonly asked: Asked[] = []
  readonly told = new Map<string, EntryOutcome>()
  readonly flakes: string[] = []
  readonly landings: (readonly string[])[] = []
  /** Promises broken: a landing that is red, a member told twice. */
  readonly violations: string[] = []
  /** Before the landing of this number, counted from 0. */
  onLand?: (count: number) => LandResult | undefined
  onTest?: (count: number) => TestRun | undefined
  readonly #key: AnswerKey
  readonly #commits = new Map<string, readonly string[]>()
  readonly #random: () => number

  constructor(key: AnswerKey) {
    this.#key = key
    this.#random = randomOf(key.seed)
    this.#commits.set(commitOf(0), [])
  }

  /** In suites. */
  get cost(): number {
    return this.asked.reduce((sum, { cost }) => sum + cost, 0)
  }

  get landed(): readonly string[] {
    return this.landings.flat()
  }

  /** Rounded down: runs of everything. */
  get wholeRuns(): number {
    return this.asked.filter(({ scope }) => scope === 'all').length
  }

  async test(request: TestRequest): Promise<TestRun | Unbuildable> {
    const answer = this.onTest?.(this.asked.length) ?? this.#unbuildable(request) ?? this.#run(request)
    const cost = answer.kind === 'unbuildable' ? 0 : answer.durationMs / 1000
    this.asked.push({ ...request, cost, outcome: answer.kind })
    return answer
  }

  async rank({ members, failures }: Parameters<Hands['rank']>[0]): Promise<readonly Ranking[]> {
    if (this.#key.ranking === 'none') return []
    return failures.map(({ file, name }) => {
      const guilty = new Set(this.#key.breakages.flatMap((rule) => (rule.tests.includes(name) ? rule.members : [])))
      const weight = (member: string) => {
        if (this.#key.ranking === 'random') return this.#random()
        const isGuilty = guilty.has(member)
        return (this.#key.ranking === 'perfect' ? isGuilty : !isGuilty) ? 1 : 0
      }
      const suspects = members.map((member) => ({ member, score: weight(member) })).sort((a, b) => b.score - a.score)
      return { test: file === undefined ? { name } : { file, name }, suspects: suspects.filter(({ score }) => score > 0) }
    })
  }

  async land({ base, members }: Parameters<Hands['land']>[0]): Promise<LandResult> {
    const other = this.onLand?.(this.landings.length)
    if (other !== undefined) return other
    const tree = this.#treeOf(base, members)
    if (this.#broken(tree).size > 0) this.violations.push(`red landing of ${members.join(', ')}`)
    this.landings.push(members)
    const commit = commitOf(this.landings.length)
    this.#commits.set(commit, tree)
    return { kind: 'landed', commit }
  }

  async tell(member: string, outcome: EntryOutcome): Promise<void> {
    if (this.told.has(member)) this.violations.push(`${member} was told twice`)
    this.told.set(member, outcome)
    if (outcome.kind !== 'sent-back' || outcome.breakage.kind !== 'fails') return
    const { base, with: partner } = outcome.breakage
    const isGuilty = this.#broken(this.#treeOf(base, [member])).size > 0 && this.#broken(this.#treeOf(base, [])).size === 0
    if (!isGuilty && !this.#key.breakages.some(({ members }) => members.includes(member))) this.violations.push(`${member} is innocent`)
    if (partner !== undefined && !this.landed.includes(partner))
      this.violations.push(`${member} went back for ${partner}, which did not land`)
  }

  async noteFlaky(step: string, tests: readonly TestId[]): Promise<void> {
    this.flakes.push(...(tests.length === 0 ? [step] : tests.map(({ name }) => name)))
  }

  #treeOf(base: Sha, members: readonly string[]): readonly string[] {
    return [...(this.#commits.get(base) ?? []), ...members]
  }

  #broken(tree: readonly string[]): Set<string> {
    const rules = this.#key.breakages.filter(
      ({ members, mendedBy = [] }) => members.every((member) => tree.includes(member)) && !mendedBy.some((member) => tree.includes(member)),
    )
    return new Set(rules.flatMap(({ tests }) => tests))
  }

  #unbuildable({ base, members }: TestRequest): Unbuildable | undefined {
    const tree = this.#treeOf(base, members)
    const clash = this.#key.unbuildable?.find((all) => all.every((member) => tree.includes(member)))
    const member = clash === undefined ? undefined : members.findLast((one) => clash.includes(one))
    return member === undefined ? undefined : { kind: 'unbuildable', member, files: ['src/three-ways.ts'] }
  }

  #isThere(test: string, tree: readonly string[]): boolean {
    const owner = this.#key.addedBy?.[test]
    return owner === undefined || tree.includes(owner)
  }

  #run({ base, members, scope }: TestRequest): TestRun {
    const tree = this.#treeOf(base, members)
    const broken = this.#broken(tree)
    for (const { test, rate } of this.#key.flaky) if (this.#random() < rate) broken.add(test)
    let durationMs = 0
    for (const step of this.#key.steps) {
      if (scope !== 'all' && scope.step !== step.name) continue
      const named = scope === 'all' || scope.tests.length === 0 ? undefined : new Set(scope.tests.map(({ name }) => name))
      const tests = (step.tests ?? []).filter((test) => this.#isThere(test, tree) && (named?.has(test) ?? true))
      const part = step.tests === undefined || named === undefined ? 1 : tests.length / step.tests.length
      durationMs += 1000 * (part === 1 ? step.share : Math.min(step.share, OVERHEAD + part * step.share))
      const failed = tests.filter((test) => broken.has(test))
      const isEmpty = named !== undefined && tests.length === 0
      if (failed.length === 0 && !broken.has(step.name) && !isEmpty) continue
      const failures = broken.has(step.name) ? [] : failed.map(failureOf)
      const passed = named === undefined ? [] : tests.filter((test) => !broken.has(test)).map(idOf)
      const text = { summary: `${step.name} fails`, tail: failed.join('\n'), log: '/log' }
      return { kind: 'failed', step: step.name, failures, passed, ...text, durationMs, isCached: false }
    }
    return { kind: 'passed', durationMs, isCached: false }
  }
}

export function batchOf(entries: readonly QueueEntry[], key: AnswerKey, slots = 1): Batch {
  return {
    target: commitOf(0),
    entries,
    steps: key.steps.map(({ name }) => name),
    slots,
    history: { landed: 0, sentBack: 0 },
    size: Object.fromEntries(entries.map(({ id }) => [id, 10])),
  }
}

/** `m0`, `m1`, …; names equal ids. */
export function entriesOf(count: number, change: (at: number) => Partial<QueueEntry> = () => ({})): QueueEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `m${at}`,
    name: `m${at}`,
    branch: `agent/m${at}`,
    head: commitOf(1000 + at),
    priority: 0,
    needs: [],
    at,
    ...change(at),
  }))
}

export function testNames(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `t${at}`)
}

export function commitOf(count: number): Sha {
  return count.toString(16).padStart(40, '0') as Sha
}

/** Same seed, same numbers in [0, 1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function idOf(name: string): TestId {
  return { file: `test/${name}.test.ts`, name }
}

function failureOf(name: string): TestFailure {
  return { ...idOf(name), message: `${name} is broken`, frames: [] }
}
