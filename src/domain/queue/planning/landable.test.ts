import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entriesOf } from '../../../../test/support/queue/simulation.ts'
import type { QueueEntry } from '../entry.ts'
import type { Conflicts } from './landable.ts'
import { chooseLandable } from './landable.ts'

type Ids = readonly string[]

function plan(entries: readonly QueueEntry[], pairs: readonly (readonly [string, string])[], withTarget: Ids = []) {
  const { order, conflicting, waiting } = chooseLandable(entries, { pairs, withTarget: new Set(withTarget) })
  return {
    order: order.map(({ id }) => id),
    conflicting: Object.fromEntries(conflicting.map((one) => [one.entry.id, one.with])),
    waiting: Object.fromEntries(waiting.map((one) => [one.entry.id, one.for])),
  }
}

test('one that conflicts with many waits for them, though it came first', () => {
  const star = [1, 2, 3].map((at) => ['m0', `m${at}`] as const)
  expect(plan(entriesOf(4), star)).toEqual({ order: ['m1', 'm2', 'm3'], conflicting: { m0: ['m1', 'm2', 'm3'] }, waiting: {} })
})

test('of two that conflict the earlier goes; of a higher priority whoever comes', () => {
  expect(plan(entriesOf(2), [['m0', 'm1']]).order).toEqual(['m0'])
  const urgent = entriesOf(4, (at) => ({ priority: at === 3 ? 1 : 0 }))
  expect(
    plan(
      urgent,
      [0, 1, 2].map((at) => [`m${at}`, 'm3'] as const),
    ).order,
  ).toEqual(['m3'])
})

test('of two that conflict the one that fewer others would stumble over goes', () => {
  const crowded = entriesOf(2, (at) => ({ rivals: at === 0 ? 2 : 0 }))
  expect(plan(crowded, [['m0', 'm1']]).order).toEqual(['m1'])
})

test('what is needed goes first, and what needs something that cannot go waits', () => {
  const entries = entriesOf(4, (at) => (at === 0 ? { needs: ['m3', 'landed long ago'] } : at === 1 ? { needs: ['m2'] } : {}))
  expect(plan(entries, [], ['m2'])).toEqual({ order: ['m3', 'm0'], conflicting: { m2: [] }, waiting: { m1: ['m2'] } })
})

test('a group goes whole or not at all', () => {
  const entries = entriesOf(4, (at) => (at === 0 || at === 2 ? { group: 'g' } : {}))
  expect(plan(entries, [], ['m2'])).toEqual({ order: ['m1', 'm3'], conflicting: { m2: [] }, waiting: { m0: ['m2'] } })
  expect(plan(entries, [['m0', 'm2']]).conflicting).toEqual({ m0: ['m2'], m2: ['m0'] })
})

const scene = fc
  .record({
    size: fc.integer({ min: 1, max: 9 }),
    pairs: fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 12 }),
    target: fc.array(fc.nat(8), { maxLength: 1 }),
    needs: fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 3 }),
    priorities: fc.array(fc.nat(2), { minLength: 9, maxLength: 9 }),
    groups: fc.array(fc.constantFrom(undefined, undefined, undefined, 'g', 'h'), { minLength: 9, maxLength: 9 }),
  })
  .map(({ size, pairs, target, needs, priorities, groups }) => {
    const entries = entriesOf(size, (at) => ({
      priority: priorities[at] ?? 0,
      needs: needs.filter(([one]) => one === at).map(([, other]) => `m${other}`),
      ...(groups[at] === undefined ? {} : { group: groups[at] }),
    }))
    const isThere = (at: number) => at < size
    const real = pairs.filter(([a, b]) => a !== b && isThere(a) && isThere(b))
    return { entries, pairs: real.map(([a, b]) => [`m${a}`, `m${b}`] as const), target: target.filter(isThere).map((at) => `m${at}`) }
  })

test('as many as any landable set has, the highest priority first', () => {
  fc.assert(
    fc.property(scene, ({ entries, pairs, target }) => {
      const conflicts = { pairs, withTarget: new Set(target) }
      const { order, conflicting, waiting } = chooseLandable(entries, conflicts)
      const ids = new Set(order.map(({ id }) => id))
      expect(isLandable(entries, ids, conflicts)).toBe(true)
      expect(worth(entries, ids)).toEqual(best(entries, conflicts))
      expect([...ids, ...conflicting.map(({ entry }) => entry.id), ...waiting.map(({ entry }) => entry.id)].sort()).toEqual(
        entries.map(({ id }) => id).sort(),
      )
      for (const one of waiting) expect(one.for).not.toEqual([])
      expect(chooseLandable(entries.toReversed(), conflicts).order).toEqual(order)
    }),
    { numRuns: 150 },
  )
})

function isLandable(entries: readonly QueueEntry[], ids: ReadonlySet<string>, { pairs, withTarget }: Conflicts): boolean {
  if ([...ids].some((id) => withTarget.has(id)) || pairs.some(([a, b]) => ids.has(a) && ids.has(b))) return false
  return entries.every((entry) => {
    const required = entries.filter(
      (other) => entry.needs.includes(other.name) || (entry.group !== undefined && other.group === entry.group),
    )
    return !ids.has(entry.id) || required.every(({ id }) => ids.has(id))
  })
}

/** How many of each priority, the highest first. */
function worth(entries: readonly QueueEntry[], ids: ReadonlySet<string>): readonly number[] {
  return [2, 1, 0].map((priority) => entries.filter((entry) => entry.priority === priority && ids.has(entry.id)).length)
}

function best(entries: readonly QueueEntry[], conflicts: Conflicts): readonly number[] {
  let most: readonly number[] = []
  for (let bits = 0; bits < 2 ** entries.length; bits++) {
    const ids = new Set(entries.flatMap(({ id }, at) => ((bits >> at) & 1 ? [id] : [])))
    const value = worth(entries, ids)
    const differing = value.findIndex((count, at) => count !== most[at])
    const isMore = differing >= 0 && (value[differing] ?? 0) > (most[differing] ?? -1)
    if (isMore && isLandable(entries, ids, conflicts)) most = value
  }
  return most
}

test('a component too large for the exact search is planned too, as well as by least harm', () => {
  const entries = entriesOf(301)
  const pairs = Array.from({ length: 300 }, (_, at) => ['m0', `m${at + 1}`] as const)
  expect(plan(entries, pairs).order).toHaveLength(300)
})
