import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Measured, scoreAttempts } from './score.ts'

const measured = (number: number, more: Partial<Measured> = {}): Measured => ({
  number,
  isValidated: true,
  lines: 20,
  files: 2,
  costUsd: 0.5,
  elapsedMs: 300_000,
  ...more,
})

const scores = (...attempts: readonly Measured[]): Record<number, number> =>
  Object.fromEntries(scoreAttempts(attempts).map(({ number, score }) => [number, score]))

test('one that is best in everything has 1; of equals the lower number comes first', () => {
  expect(scoreAttempts([measured(2), measured(1)])).toEqual([
    { number: 1, score: 1 },
    { number: 2, score: 1 },
  ])
})

test('the smaller and less spread change is better than a cheaper and faster one', () => {
  const found = scoreAttempts([measured(1, { lines: 400, files: 12, costUsd: 0.2, elapsedMs: 60_000 }), measured(2)])
  expect(found.map(({ number }) => number)).toEqual([2, 1])
})

test('a few lines or cents decide nothing by themselves, ten times as many do', () => {
  const found = scores(measured(1), measured(2, { lines: 22 }), measured(3, { lines: 200 }))
  expect(found[2]).toBeGreaterThan(0.95)
  expect(found[3]).toBeLessThan(0.85)
})

test('what was not validated never passes one half', () => {
  expect(scores(measured(1, { isValidated: false }), measured(2, { isValidated: false }))).toEqual({ 1: 0.5, 2: 0.5 })
})

test('a change that changes nothing is worth nothing, and makes no other look large', () => {
  expect(scores(measured(1, { lines: 0, files: 0 }), measured(2))).toEqual({ 1: 0, 2: 1 })
})

test('a reviewer weighs more than size, and nothing where none was asked', () => {
  const found = scoreAttempts([measured(1, { review: 0.2 }), measured(2, { review: 1, lines: 60 })])
  expect(found.map(({ number }) => number)).toEqual([2, 1])
})

test('every score is from 0 to 1, whatever was measured, and who is better in one thing and equal in all others is not behind', () => {
  const number = fc.integer({ min: 0, max: 100_000 })
  const attempt = fc.record({ lines: number, files: number, costUsd: number, elapsedMs: number, isValidated: fc.boolean() })
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 1, maxLength: 8 }), (all) => {
      for (const { score } of scoreAttempts(all.map((each, at) => ({ ...each, number: at + 1 })))) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
      }
    }),
  )
  fc.assert(
    fc.property(attempt, fc.integer({ min: 1, max: 1000 }), (one, more) => {
      const found = scores(
        { ...one, files: one.files + 1, number: 1 },
        { ...one, files: one.files + 1, lines: one.lines + more, number: 2 },
      )
      expect(found[1]).toBeGreaterThanOrEqual(found[2] ?? 1)
    }),
  )
})
