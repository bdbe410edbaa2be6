import type { Scope, TestFailure, TestRun } from '../test-run.ts'
import { testKey } from '../test-run.ts'

/** One thing that fails: a test of a step, or the step itself where its report says nothing of tests. */
export type Symptom = {
  readonly step: string
  readonly key: string
  /** Of a step itself: named as the step, its message the end of its output. */
  readonly failure: TestFailure
  readonly isStep: boolean
}

export type FailedRun = Extract<TestRun, { kind: 'failed' }>

const MESSAGE_LENGTH = 4096

/** Those with a message or a file of their own; one syntax error fails hundreds of tests in the same way. At most `most`. */
export function representatives(run: FailedRun, most: number): readonly Symptom[] {
  const bySignature = new Map<string, TestFailure>()
  for (const failure of run.failures) {
    const signature = signatureOf(failure)
    if (!bySignature.has(signature)) bySignature.set(signature, failure)
  }
  const distinct = [...bySignature.values()]
  const messages = new Set<string>()
  const first = distinct.filter(({ message }) => messages.size !== messages.add(plain(message)).size)
  const rest = distinct.filter((failure) => !first.includes(failure))
  return [...first, ...rest].slice(0, most).map((failure) => ({ step: run.step, key: testKey(failure), failure, isStep: false }))
}

export function stepSymptom(run: FailedRun): Symptom {
  const failure = { name: run.step, message: run.tail.slice(-MESSAGE_LENGTH), frames: [] }
  return { step: run.step, key: `step\0${run.step}`, failure, isStep: true }
}

/** All of one step; the step itself if one of them is. */
export function scopeOf(symptoms: readonly Symptom[]): Exclude<Scope, 'all'> {
  const step = symptoms[0]?.step ?? ''
  if (symptoms.some(({ isStep }) => isStep)) return { step, tests: [] }
  return { step, tests: symptoms.map(({ failure: { file, name } }) => (file === undefined ? { name } : { file, name })) }
}

/**
 * Which of the symptoms a run shows. One that fails without naming a test shows only what is asked of whole steps: the tests that were named
 * need not exist in that tree, and runners fail when they find none.
 */
export function shownBy(run: TestRun, symptoms: readonly Symptom[]): ReadonlySet<string> {
  if (run.kind !== 'failed') return new Set()
  const all = new Set(symptoms.map(({ key }) => key))
  if (run.step !== symptoms[0]?.step) return all
  const failed = new Set(run.failures.map(testKey))
  // A file that cannot even be loaded fails under a name of its own.
  const broken = new Set(run.failures.filter((failure) => !all.has(testKey(failure))).map(({ file }) => file))
  const passed = new Set(run.passed.map(testKey))
  const isShown = ({ key, isStep, failure: { file } }: Symptom) =>
    isStep || failed.has(key) || (!passed.has(key) && file !== undefined && broken.has(file))
  return new Set(symptoms.filter(isShown).map(({ key }) => key))
}

function signatureOf({ file = '', message }: TestFailure): string {
  return `${file}\0${plain(message)}`
}

/** Numbers, addresses and quoted values differ from test to test. */
function plain(message: string): string {
  const line = message.split('\n').find((text) => text.trim() !== '') ?? ''
  return line.replaceAll(/0x[0-9a-f]+|\d+/gi, '#').trim()
}
