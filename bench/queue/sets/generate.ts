import { Random } from '../../../test/support/fleet/random.ts'
import type { AnswerKey } from '../answer-key.ts'
import { type BadKind, spoil } from '../branches/bad.ts'
import { planGood, planPackage } from '../branches/good.ts'
import { pairSemantically, pairTextually } from '../branches/pairs.ts'
import { type BranchPlan, Slots } from '../branches/plan.ts'
import { pick, shuffle } from './chance.ts'
import { makeProject } from '../project/make-project.ts'
import type { Project } from '../project/model.ts'
import { type Files, renderProject } from '../project/render-project.ts'
import { configText, stepsOf } from '../project/root-files.ts'
import type { SetOptions } from './named-sets.ts'

export interface GeneratedSet {
  readonly key: AnswerKey
  readonly base: Files
  /** What each branch changes; undefined takes a file away. */
  readonly branches: readonly { readonly name: string; readonly subject: string; readonly changes: Changes }[]
}

export type Changes = Readonly<Record<string, string | undefined>>

/** The same options give the same set. Nothing in a branch's name, place or subject says what it is. */
export function generateSet(options: SetOptions, attempt = 0): GeneratedSet {
  const random = new Random(options.seed * 1009 + attempt)
  const project = makeProject(random, { ...options, packages: 2 * options.lockfile + 3 })
  const slots = new Slots(random, project)
  const made = planBranches(random, slots, options)
  const names = new Map(shuffle(random, made.plans).map((plan, index) => [plan, `agent/${String(index + 1).padStart(2, '0')}`]))
  const nameOf = (plan: BranchPlan): string => names.get(plan) ?? ''
  const base: Files = { ...renderProject(project), 'orch.yaml': configText(stepsOf(project)) }
  const namesOf = (pairs: readonly Pair[]): string[][] => pairs.map((pair) => pair.map(nameOf))
  return {
    base,
    branches: [...names].map(([plan, name]) => ({ name, subject: plan.subject, changes: changesOf(base, project, plan) })),
    key: {
      schema: 1,
      target: 'main',
      branches: [...names.values()],
      bad: made.plans.filter(({ kind }) => kind !== 'good').map(nameOf),
      textual: namesOf(made.textual),
      together: namesOf(made.together),
      steps: stepsOf(project),
      tests: options.modules * options.functionsPerModule,
      steady: { MQ_FLAKY: 'off' },
      kinds: Object.fromEntries([...names].map(([plan, name]) => [name, plan.kind])),
    },
  }
}

type Pair = readonly [BranchPlan, BranchPlan]

/** Those that reach furthest choose their functions first. */
function planBranches(random: Random, slots: Slots, options: SetOptions): { plans: BranchPlan[]; textual: Pair[]; together: Pair[] } {
  const plain = (subject: string): BranchPlan => ({ kind: 'good', subject, edits: [] })
  const together = Array.from({ length: options.semantic }, (_, index): Pair => {
    const pair: Pair = [plain('Tidy up a contract'), plain('Use what is there')]
    pairSemantically(random, slots, ...pair, index === 0)
    return pair
  })
  const bad = badKinds(random, options).map((kind) => {
    const plan = plain('Improve a rule')
    spoil(random, slots, plan, kind)
    return plan
  })
  const packages = Array.from({ length: options.lockfile }, (_, index) =>
    planPackage(random, slots, slots.project.packages[2 * index] ?? ''),
  )
  const fixed = [...together.flat(), ...bad, ...packages]
  const rest = Array.from({ length: Math.max(0, options.n - fixed.length) }, () => planGood(random, slots))
  return { plans: [...fixed, ...rest], textual: pairUp(random, slots, rest, bad, options.textual), together }
}

function badKinds(random: Random, { bad, untouched }: SetOptions): BadKind[] {
  const touched = shuffle(random, ['own-test', 'syntax', 'lint'] as const)
  return Array.from({ length: bad }, (_, index) =>
    index < untouched ? pick(random, ['untouched-test', 'removed-export'] as const) : (touched[index % touched.length] ?? 'own-test'),
  )
}

/** Mostly pairs of their own; some share a branch, and some have a bad one in them. */
function pairUp(random: Random, slots: Slots, rest: readonly BranchPlan[], bad: readonly BranchPlan[], count: number): Pair[] {
  const pairs: Pair[] = []
  const fresh = shuffle(random, rest)
  const takeFresh = (): BranchPlan => fresh.pop() ?? pick(random, rest)
  while (pairs.length < count) {
    const chance = random.next()
    const a = takeFresh()
    const b = chance < 0.1 && bad.length > 0 ? pick(random, bad) : chance < 0.3 && pairs.length > 0 ? pick(random, pairs)[0] : takeFresh()
    if (a === b || pairs.some((pair) => pair.includes(a) && pair.includes(b))) continue
    pairTextually(random, slots, a, b)
    pairs.push([a, b])
  }
  return pairs
}

function changesOf(base: Files, project: Project, plan: BranchPlan): Changes {
  const draft = structuredClone(project)
  for (const edit of plan.edits) edit(draft)
  const files = renderProject(draft)
  const kept = Object.keys(base).filter((path) => path !== 'orch.yaml')
  return Object.fromEntries(
    [...new Set([...kept, ...Object.keys(files)])].filter((path) => files[path] !== base[path]).map((path) => [path, files[path]]),
  )
}
