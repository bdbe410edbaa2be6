import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { byUrgency, countRivals, mergeFacts, seenBy, type Observation, type OverlapFact } from './overlap-fact.ts'

const file = (path: string) => ({ path, kind: 'contents', hunks: [{ line: 1, one: 'mine', other: 'theirs' }] })
const task = (handle: string) => ({ kind: 'task', handle }) as const

function observation(
  at: number,
  heads: Record<string, string>,
  pairs: readonly string[],
  uncommitted: readonly string[] = [],
): Observation {
  return {
    at,
    parties: Object.entries(heads).map(([handle, head]) => ({
      party: handle === 'main' ? { kind: 'target', branch: 'main' } : task(handle),
      head,
      uncommitted,
    })),
    overlaps: pairs.map((pair) => {
      const [one = '', other = ''] = pair.split(' ')
      return { one, other: other === 'main' ? { kind: 'target', branch: 'main' } : task(other), files: [file('a.ts')], fileCount: 1 }
    }),
  }
}

test('an overlap keeps its age while it is seen, and is over when it is not', () => {
  const first = mergeFacts([], observation(10, { a: '1', b: '2' }, ['a b']))
  expect(first).toMatchObject([{ since: 10, seenAt: 10, survived: 0 }])
  const second = mergeFacts(first, observation(20, { a: '1', b: '2' }, ['b a']))
  expect(second).toMatchObject([{ one: { party: task('a') }, since: 10, seenAt: 20, survived: 0 }])
  expect(mergeFacts(second, observation(30, { a: '1', b: '2' }, []))).toEqual([])
  // Who is gone overlaps with nobody, and a conflict that comes back is a new one.
  expect(mergeFacts(second, observation(30, { a: '1' }, ['a b']))).toEqual([])
  expect(mergeFacts([], observation(40, { a: '1', b: '2' }, ['a b']))).toMatchObject([{ since: 40 }])
})

test('each commit of either side that leaves it standing is counted', () => {
  let facts = mergeFacts([], observation(1, { a: '1', main: '1' }, ['a main'], ['a.ts']))
  expect(facts).toMatchObject([{ one: { work: 'uncommitted' }, other: { work: 'uncommitted' }, survived: 0 }])
  facts = mergeFacts(facts, observation(2, { a: '2', main: '1' }, ['a main']))
  expect(facts).toMatchObject([{ one: { work: 'committed' }, survived: 1 }])
  facts = mergeFacts(facts, observation(3, { a: '3', main: '2' }, ['a main']))
  expect(facts).toMatchObject([{ survived: 3 }])
})

test('either of the two sees its own side first', () => {
  const [fact] = mergeFacts([], observation(1, { a: '1', b: '2' }, ['b a']))
  if (fact === undefined) throw new Error('no fact')
  // Seen as b and a, told as a and b.
  expect(fact.files[0]?.hunks[0]).toMatchObject({ one: 'theirs', other: 'mine' })
  expect(seenBy('b', fact)).toMatchObject({ one: { party: task('b') }, other: { party: task('a') }, files: [{ hunks: [{ one: 'mine' }] }] })
  expect(seenBy('a', fact)).toBe(fact)
  expect(seenBy('c', fact)).toBeUndefined()
})

const names = ['a', 'b', 'c', 'd']
const observed = fc
  .record({
    at: fc.nat(100),
    heads: fc.array(fc.constantFrom('1', '2', '3'), { minLength: 4, maxLength: 4 }),
    pairs: fc.uniqueArray(fc.constantFrom('a b', 'a c', 'b c', 'b d', 'c d', 'a main'), { maxLength: 6 }),
  })
  .map(({ at, heads, pairs }) =>
    observation(at, { ...Object.fromEntries(names.map((name, index) => [name, heads[index] ?? '1'])), main: '0' }, pairs),
  )

test('whatever is seen: one fact for each pair, none younger than it was, always in the same order', () => {
  fc.assert(
    fc.property(fc.array(observed, { minLength: 1, maxLength: 6 }), (observations) => {
      let facts: readonly OverlapFact[] = []
      for (const seen of observations) {
        const before = new Map(facts.map((fact) => [JSON.stringify([fact.one.party, fact.other.party]), fact]))
        facts = mergeFacts(facts, seen)
        expect(facts).toHaveLength(seen.overlaps.length)
        for (const fact of facts) {
          const known = before.get(JSON.stringify([fact.one.party, fact.other.party]))
          expect(fact.since).toBeLessThanOrEqual(known?.since ?? seen.at)
          expect(fact.survived).toBeGreaterThanOrEqual(known?.survived ?? 0)
        }
        expect(facts.toReversed().toSorted(byUrgency)).toEqual(facts)
        expect(mergeFacts(facts, seen)).toEqual(facts)
      }
    }),
  )
})

test('rivals of a task are the other tasks it overlaps with, but for those that are left out', () => {
  const facts = mergeFacts([], observation(1, { a: '1', b: '1', c: '1', main: '1' }, ['a b', 'a c', 'a main', 'b c']))
  expect(['a', 'b', 'c', 'd'].map((handle) => countRivals(facts, handle, []))).toEqual([2, 2, 2, 0])
  expect(countRivals(facts, 'a', ['a', 'b'])).toBe(1)
})
