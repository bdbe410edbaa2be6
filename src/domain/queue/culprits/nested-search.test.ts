import { expect, test } from 'vitest'
import { expectedFailureRate } from './failure-rate.ts'
import { planNestedSearch } from './nested-search.ts'

/** Known optimal sizes: Sobel and Groll's first test for q = 0.9, 0.95, 0.99 is near −1 / log2 q. */
test.each([
  [0.1, 7],
  [0.05, 14],
  [0.01, 69],
])('with a rate of %s the first of many tests takes about %i', (rate, size) => {
  expect(Math.abs(planNestedSearch(rate, 150)(0, 150) - size)).toBeLessThanOrEqual(1 + size * 0.1)
})

test('above a rate of 0.382 one by one is optimal', () => {
  const plan = planNestedSearch(0.39, 40)
  expect(plan(0, 40)).toBe(1)
})

test('a contaminated set is halved about, and never tested whole', () => {
  const plan = planNestedSearch(0.05, 60)
  for (let m = 2; m <= 60; m++) {
    expect(plan(m, 60 - m)).toBeGreaterThan(0)
    expect(plan(m, 60 - m)).toBeLessThan(m)
  }
  expect(plan(8, 40)).toBe(4)
})

test('far beyond the table a contaminated set is halved', () => {
  expect(planNestedSearch(0.05, 1000)(600, 400)).toBe(300)
})

test('the rate is never 0 or 1, begins at a twentieth, and follows what is seen', () => {
  expect(expectedFailureRate({ good: 0, bad: 0 }, { good: 0, bad: 0 })).toBeCloseTo(0.05)
  expect(expectedFailureRate({ good: 1e6, bad: 0 }, { good: 500, bad: 0 })).toBeGreaterThan(0)
  expect(expectedFailureRate({ good: 0, bad: 1e6 }, { good: 0, bad: 500 })).toBeLessThan(1)
  const fresh = expectedFailureRate({ good: 900, bad: 100 }, { good: 0, bad: 0 })
  expect(expectedFailureRate({ good: 900, bad: 100 }, { good: 5, bad: 5 })).toBeGreaterThan(fresh)
  expect(expectedFailureRate({ good: 900, bad: 100 }, { good: 30, bad: 0 })).toBeLessThan(fresh)
})
