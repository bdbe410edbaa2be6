import { expect, test } from 'vitest'
import type { TestFailure } from '../test-run.ts'
import type { FailedRun } from './symptom.ts'
import { representatives, scopeOf, shownBy, stepSymptom } from './symptom.ts'

function failing(failures: readonly TestFailure[], change: Partial<FailedRun> = {}): FailedRun {
  return {
    kind: 'failed',
    step: 'test',
    failures,
    passed: [],
    summary: '',
    tail: 'the end',
    log: '',
    durationMs: 1,
    isCached: false,
    ...change,
  }
}

function failure(name: string, message = 'fails', file = 'a.test.ts'): TestFailure {
  return { file, name, message, frames: [] }
}

test('two hundred tests that fail alike stand for few, and whoever fails otherwise is among them', () => {
  const alike = Array.from({ length: 200 }, (_, at) => failure(`t${at}`, `SyntaxError at line ${at}`, `${at}.test.ts`))
  const found = representatives(failing([...alike, failure('other', 'expected 1')]), 20)
  expect(found).toHaveLength(20)
  expect(found.slice(0, 2).map((one) => one.failure.name)).toEqual(['t0', 'other'])
  expect(representatives(failing([failure('x', 'same 1'), failure('y', 'same 2')]), 20)).toHaveLength(1)
})

test('a symptom is shown by its own failure, by that of its whole file, and by a step before it', () => {
  const symptoms = representatives(failing([failure('one', 'a', 'a.ts'), failure('two', 'b', 'b.ts')]), 20)
  const shown = (run: FailedRun) => symptoms.filter(({ key }) => shownBy(run, symptoms).has(key)).map((one) => one.failure.name)
  expect(shown(failing([failure('two', 'b', 'b.ts')], { passed: [{ file: 'a.ts', name: 'one' }] }))).toEqual(['two'])
  expect(shown(failing([failure('a.ts', 'cannot load', 'a.ts')]))).toEqual(['one'])
  expect(shown(failing([], { step: 'setup' }))).toEqual(['one', 'two'])
  expect(shown(failing([]))).toEqual([])
})

test('a step itself is asked whole, and any failure shows it', () => {
  const symptom = stepSymptom(failing([], { step: 'lint' }))
  expect(scopeOf([symptom])).toEqual({ step: 'lint', tests: [] })
  expect(symptom.failure).toEqual({ name: 'lint', message: 'the end', frames: [] })
  expect(shownBy(failing([], { step: 'lint' }), [symptom]).size).toBe(1)
})
