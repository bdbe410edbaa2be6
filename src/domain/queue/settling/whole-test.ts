import { testKey } from '../test-run.ts'
import type { Why } from '../hands.ts'
import type { Tree } from './inquiry.ts'
import type { Settlement } from './settlement.ts'
import type { FailedRun, Symptom } from './symptom.ts'
import { representatives, stepSymptom } from './symptom.ts'

export type WholeTest =
  | { readonly kind: 'green' }
  | { readonly kind: 'red'; readonly symptoms: readonly Symptom[]; readonly run: FailedRun }
  /** The report says nothing, and asking only the failing step costs as much as asking everything. */
  | { readonly kind: 'opaque'; readonly run: FailedRun }

/** More tell no more about who broke them. */
const REPRESENTATIVES = 20
/** Times that a step with tests that pass by themselves runs again. */
const TOGETHER = 4
/** From this share of the whole on, a run of the step alone saves nothing. */
const DOMINANT = 0.5

/** Tests a tree by all steps. What fails and then passes on the same tree is flaky, and the tree is judged by what is left. */
export async function testWhole(s: Settlement, tree: Tree, why: Why): Promise<WholeTest> {
  const whole = await s.inquiry.run(tree, 'all', why)
  if (whole.kind === 'passed') return green(s, tree)
  const found = await lasting(s, tree, whole, whole.durationMs)
  if (found.kind !== 'green') return found
  for (const step of s.batch.steps.slice(s.batch.steps.indexOf(whole.step) + 1)) {
    const run = await s.inquiry.run(tree, { step, tests: [] }, why)
    if (run.kind === 'passed') continue
    const later = await lasting(s, tree, run, whole.durationMs + run.durationMs)
    if (later.kind !== 'green') return later
  }
  return green(s, tree)
}

function green(s: Settlement, tree: Tree): WholeTest {
  s.inquiry.noteGreen(tree)
  return { kind: 'green' }
}

async function lasting(s: Settlement, tree: Tree, run: FailedRun, wholeMs: number): Promise<WholeTest> {
  if (run.failures.length === 0) return lastingStep(s, tree, run, wholeMs)
  const first = representatives(run, REPRESENTATIVES)
  const lastingFirst = await stillShown(s, tree, first)
  if (lastingFirst.length > 0) return { kind: 'red', symptoms: lastingFirst, run }
  const asked = new Set(first.map(({ key }) => key))
  const others = representatives(run, run.failures.length).filter(({ key }) => !asked.has(key))
  const lastingOthers = await stillShown(s, tree, others)
  if (lastingOthers.length > 0) return { kind: 'red', symptoms: lastingOthers.slice(0, REPRESENTATIVES), run }
  return passesTogether(s, tree, run, wholeMs)
}

/**
 * Each failing test passes by itself. Either it is flaky, or it fails only in the company of the others, and then the tree is red: the step runs again,
 * until no test is left that has failed each time.
 */
async function passesTogether(s: Settlement, tree: Tree, first: FailedRun, wholeMs: number): Promise<WholeTest> {
  let run = first
  let failed = new Set(first.failures.map(testKey))
  for (let times = 0; times < TOGETHER; times++) {
    const again = await s.inquiry.run(tree, { step: first.step, tests: [] }, 'flaky?')
    if (again.kind === 'passed') return { kind: 'green' }
    run = again
    if (again.failures.length > 0) failed = new Set(again.failures.map(testKey).filter((key) => failed.has(key)))
    if (failed.size === 0) return { kind: 'green' }
  }
  return dominantOr(s, run, wholeMs, run.durationMs)
}

async function lastingStep(s: Settlement, tree: Tree, run: FailedRun, wholeMs: number): Promise<WholeTest> {
  if (s.batch.steps.filter((step) => step !== 'setup').length <= 1 && run.step !== 'setup') return { kind: 'opaque', run }
  const symptom = stepSymptom(run)
  const [shown] = await s.inquiry.askAgain([{ ...tree, symptoms: [symptom], why: 'flaky?' }])
  const again = shown?.get(symptom.key)
  return again === undefined ? { kind: 'green' } : dominantOr(s, again, wholeMs, again.durationMs)
}

function dominantOr(s: Settlement, run: FailedRun, wholeMs: number, stepMs: number): WholeTest {
  const isLast = run.step === s.batch.steps.at(-1)
  // What was remembered took no time, so it tells nothing.
  if (isLast && wholeMs > 0 && stepMs >= DOMINANT * wholeMs) return { kind: 'opaque', run }
  return { kind: 'red', symptoms: [stepSymptom(run)], run }
}

async function stillShown(s: Settlement, tree: Tree, symptoms: readonly Symptom[]): Promise<readonly Symptom[]> {
  if (symptoms.length === 0) return []
  const [shown] = await s.inquiry.askAgain([{ ...tree, symptoms, why: 'flaky?' }])
  for (const [key, run] of shown ?? []) s.inquiry.noteShown(tree, key, run)
  return symptoms.filter(({ key }) => shown?.has(key))
}
