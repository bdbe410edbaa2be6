import type { Sha } from '../../../foundation/brand.ts'
import { expectedFailureRate } from '../culprits/failure-rate.ts'
import { planNestedSearch } from '../culprits/nested-search.ts'
import type { Tree } from './inquiry.ts'
import { BatchOver } from './interruption.ts'
import { culpritOf, partnerOf } from './judgement.ts'
import type { Settlement } from './settlement.ts'
import type { FailedRun } from './symptom.ts'
import { stepSymptom } from './symptom.ts'
import type { Unit } from '../units.ts'
import { inOrderOfNeeds } from '../units.ts'
import { testWhole } from './whole-test.ts'

/** Found by elimination; or alone on `base`, and then with the run that failed there. */
type Suspect = { readonly unit: Unit; readonly alone?: { readonly base: Sha; readonly run: FailedRun } }

/** So many red runs that nothing else explains: 0.05⁴ for an innocent where one run of twenty fails for no reason. One less where only one is asked about. */
const EVIDENCE = 4
/** Of them on the very tree that is shown to the author. */
const OWN_EVIDENCE = 2
/** The queue stops on a red target, so it is not called so by accident. */
const TARGET_CONFIRMATIONS = 2

/**
 * For reports that only say yes or no. Whole runs of as many as the nested search says, the least risky first; what is green lands at once.
 * Who is left as the only explanation of a red run is judged at the end, when as much as possible of what it was tested with has landed.
 */
export async function settleNested(s: Settlement, line: readonly Unit[], run: FailedRun): Promise<void> {
  const order = await byRisk(s, line, run)
  const red: (readonly Unit[])[] = [order]
  const suspects: Suspect[] = []
  let undecided = order
  let contaminated = order.length
  let last: Suspect['alone'] = order.length === 1 ? { base: s.base, run } : undefined
  while (undecided.length > 0) {
    const [next] = undecided
    if (contaminated === 1 && next !== undefined) {
      if (s.landed.length === 0) await requireGreenTarget(s)
      suspects.push(last === undefined ? { unit: next } : { unit: next, alone: last })
      undecided = undecided.filter((unit) => unit !== next && !unit.needs.has(next))
      contaminated = 0
      continue
    }
    const size = nextSize(s, suspects.length, contaminated, undecided.length)
    const part = undecided.slice(0, size)
    const found = await testWhole(s, treeOf(s, part), 'search')
    if (found.kind === 'green') {
      await s.land(part)
      undecided = undecided.slice(size)
      contaminated = Math.max(0, contaminated - size)
      last = undefined
    } else {
      red.push(part)
      contaminated = size
      last = size === 1 ? { base: s.base, run: found.run } : undefined
    }
  }
  await judgeSuspects(s, suspects, red, order.length)
}

/** Smaller changes first, those that the output points at last; what a unit needs before it. */
async function byRisk(s: Settlement, line: readonly Unit[], run: FailedRun): Promise<readonly Unit[]> {
  const { failure } = stepSymptom(run)
  const [ranking] = await s.hands.rank({ base: s.base, members: s.membersOf(line), failures: [failure] })
  const score = new Map(ranking?.suspects.map(({ member, score }) => [member, score]))
  const sum = (unit: Unit, of: (member: string) => number) => unit.members.reduce((total, member) => total + of(member), 0)
  const risks = line.map((unit) => ({ unit, score: sum(unit, (id) => score.get(id) ?? 0), size: sum(unit, (id) => s.batch.size[id] ?? 0) }))
  return inOrderOfNeeds(risks.sort((a, b) => a.score - b.score || a.size - b.size).map(({ unit }) => unit))
}

function nextSize(s: Settlement, bad: number, contaminated: number, undecided: number): number {
  const { landed, sentBack } = s.batch.history
  const rate = expectedFailureRate({ good: landed, bad: sentBack }, { good: s.landed.length, bad })
  return planNestedSearch(rate, undecided)(contaminated, undecided - contaminated)
}

async function judgeSuspects(s: Settlement, suspects: readonly Suspect[], red: readonly (readonly Unit[])[], total: number): Promise<void> {
  let budget = Math.ceil(Math.log2(total)) + 1
  for (const suspect of suspects) {
    if (!s.open.includes(suspect.unit)) continue
    const proof = await prove(s, suspect, red)
    if (proof === undefined) continue
    budget -= await condemnWithin(s, suspect, proof, budget)
  }
}

/** On a red one every run is red, and everybody would be suspected. */
async function requireGreenTarget(s: Settlement): Promise<void> {
  const target = { base: s.base, members: [] }
  if (s.inquiry.isGreen(target)) return
  let run = await s.inquiry.run(target, 'all', 'target?')
  for (let times = 0; times < TARGET_CONFIRMATIONS && run.kind === 'failed'; times++) run = await s.inquiry.run(target, 'all', 'confirm')
  if (run.kind === 'passed') return s.inquiry.noteGreen(target)
  const tests = run.failures.map(({ name }) => name)
  throw new BatchOver({ kind: 'red-target', commit: s.base, step: run.step, tests, summary: run.summary }, `the target fails ${run.step}`)
}

/** Runs it alone until there is evidence enough. If it passes on what has landed it lands too. */
async function prove(s: Settlement, { unit, alone }: Suspect, red: readonly (readonly Unit[])[]): Promise<Suspect['alone']> {
  const isSite = alone !== undefined && (alone.base !== s.batch.target || s.landed.length === 0)
  const base = isSite ? alone.base : s.base
  const isSolelyHis = (part: readonly Unit[]) => part.every((other) => other === unit || s.landed.includes(other))
  let evidence = red.filter((part) => part.includes(unit) && isSolelyHis(part)).length
  let own = isSite ? 1 : 0
  let run = isSite ? alone.run : undefined
  const enough = red[0]?.length === 1 ? EVIDENCE - 1 : EVIDENCE
  while (own < OWN_EVIDENCE || evidence < enough) {
    const again = await testWhole(s, { base, members: s.membersOf([unit]) }, own === 0 ? 'alone' : 'confirm')
    if (again.kind === 'green') {
      if (base === s.base) await s.land([unit])
      return undefined
    }
    run = again.run
    own++
    evidence++
  }
  return run === undefined ? undefined : { base, run }
}

/** Answers how many runs the search for a partner took: at most `budget`. */
async function condemnWithin(
  s: Settlement,
  { unit, alone }: Suspect,
  { base, run }: Required<Suspect>['alone'],
  budget: number,
): Promise<number> {
  const isAlone = s.landed.length === 0 || alone?.base === s.batch.target
  const isAffordable = 1 + Math.ceil(Math.log2(Math.max(1, s.landed.length))) <= budget
  const before = s.inquiry.runs
  const proof = { unit, symptoms: [stepSymptom(run)], partners: [], run }
  const partner = isAlone || !isAffordable ? undefined : await partnerOf(s, proof)
  const spent = s.inquiry.runs - before
  const culprit = await culpritOf(s, proof)
  const { step, failures, tail, log } = run
  const summary =
    isAlone || isAffordable ? run.summary : `${run.summary} (not searched: whether it fails only with what landed in the same batch)`
  const breakage = { kind: 'fails', base, step, failures, summary, tail, log } as const
  await s.sendBack(unit, culprit, partner === undefined ? breakage : { ...breakage, with: s.nameOf(partner) })
  return spent
}

function treeOf(s: Settlement, units: readonly Unit[]): Tree {
  return { base: s.base, members: s.membersOf(units) }
}
