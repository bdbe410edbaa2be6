import { check, property, subarray, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AnswerKey, informationBound, isGreen, isInnocent, log2Choose, maxLandable } from './answer-key.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const sets = uniqueArray(subarray(names, { minLength: 2, maxLength: 3 }), { maxLength: 6 })

describe('the answer key', () => {
  test('knows the largest set that can land, as trying every subset does', () => {
    const outcome = check(
      property(subarray(names, { maxLength: 3 }), sets, sets, (bad, textual, together) => {
        const told = key({ bad, textual, together })
        const chosen = maxLandable(told)
        return (
          canLand(told, chosen) &&
          chosen.length ===
            Math.max(
              ...subsets(names)
                .filter((one) => canLand(told, one))
                .map((one) => one.length),
            )
        )
      }),
      { numRuns: 300 },
    )
    expect(outcome.counterexample).toBeNull()
  })

  test('calls only those guilty that fail by themselves or stand against what landed', () => {
    const told = key({ bad: ['a'], textual: [['b', 'c']], together: [['d', 'e', 'f']] })
    const landed = new Set(['b', 'd', 'e', 'g'])
    expect(names.filter((name) => !landed.has(name) && isInnocent(told, name, landed))).toEqual([])
    expect(names.filter((name) => isInnocent(told, name, new Set(['d'])))).toEqual(['b', 'c', 'd', 'e', 'f', 'g'])
  })

  test('bounds what a queue needs that hears only yes or no', () => {
    expect(Math.ceil(log2Choose(50, 5))).toBe(22)
    expect(informationBound(key({ bad: ['a'] }))).toBe(3)
    expect(informationBound(key({}))).toBe(1)
  })
})

function key(rules: Partial<AnswerKey>): AnswerKey {
  return { schema: 1, target: 'main', branches: names, bad: [], textual: [], together: [], steps: [], ...rules }
}

function canLand(told: AnswerKey, members: readonly string[]): boolean {
  return isGreen({ ...told, together: [...told.textual, ...told.together] }, new Set(members))
}

function subsets(all: readonly string[]): string[][] {
  return all.reduce<string[][]>((found, name) => [...found, ...found.map((one) => [...one, name])], [[]])
}
