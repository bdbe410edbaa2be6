import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TaskId } from '../../foundation/brand.ts'
import type { Node } from './graph.ts'
import { findCycles, relation, topologicalOrder } from './graph.ts'
import { nextReady, planRun, prioritiesOf } from './plan.ts'

const id = (n: number) => `t${n}` as TaskId

/** Any graph; in a forward one each task needs only earlier ones. */
const graph = (isForward: boolean) =>
  fc
    .integer({ min: 1, max: 24 })
    .chain((size) =>
      fc
        .array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size })
        .map((needs): Node[] =>
          needs.map((list, index) => ({ id: id(index), needs: list.filter((need) => !isForward || need < index).map(id) })),
        ),
    )
const shuffled = graph(true).chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length }))
const none = new Set<TaskId>()

describe('planning', () => {
  test('the order respects needs, waves respect the cap, every task is in it once', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 1, max: 6 }), (tasks, max) => {
        const plan = planRun(tasks, { max, landed: none })
        const waveOf = new Map(plan.waves.flatMap((wave, index) => wave.map((task) => [task, index] as const)))
        expect(plan.order.toSorted()).toEqual(tasks.map((task) => task.id).toSorted())
        expect(Math.max(...plan.waves.map((wave) => wave.length))).toBeLessThanOrEqual(max)
        for (const task of tasks) for (const need of task.needs) expect(waveOf.get(need)).toBeLessThan(waveOf.get(task.id) ?? -1)
        expect(plan.cycles).toEqual([])
        expect(plan.criticalPath.length).toBe(Math.max(...prioritiesOf(tasks).values()))
      }),
    )
  })

  test('cycles are found exactly when there are some, as real paths', () => {
    fc.assert(
      fc.property(graph(false), (tasks) => {
        const cycles = findCycles(tasks)
        expect(cycles.length > 0).toBe(topologicalOrder(tasks).length < tasks.length)
        for (const path of cycles) {
          path.forEach((at, index) => expect(tasks.find((task) => task.id === at)?.needs).toContain(path[(index + 1) % path.length]))
          expect(new Set(path).size).toBe(path.length)
        }
      }),
    )
  })

  test('relation agrees with a walk through needs', () => {
    fc.assert(
      fc.property(shuffled, (tasks) => {
        const isOrdered = relation(tasks)
        for (const a of tasks)
          for (const b of tasks) expect(isOrdered(a.id, b.id)).toBe(reaches(tasks, a.id, b.id) || reaches(tasks, b.id, a.id))
      }),
      { numRuns: 50 },
    )
  })

  test('a run by these priorities ends, keeps the cap and takes at most twice the lower bound', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 1, max: 6 }), fc.infiniteStream(fc.integer({ min: 1, max: 50 })), (tasks, max, stream) => {
        const lengths = new Map(tasks.map((task) => [task.id, stream.next().value as number]))
        const lengthOf = (task: TaskId) => lengths.get(task) ?? 1
        const work = [...lengths.values()].reduce((sum, length) => sum + length, 0)
        const bound = Math.max(work / max, ...prioritiesOf(tasks, lengthOf).values())
        expect(simulate(tasks, max, lengthOf)).toBeLessThanOrEqual(2 * bound)
      }),
    )
  })

  test('the long chain starts before side work', () => {
    const tasks: Node[] = [
      { id: id(1), needs: [] },
      { id: id(2), needs: [] },
      { id: id(3), needs: [id(2)] },
      { id: id(4), needs: [id(3)] },
    ]
    expect(nextReady(tasks, { landed: none, running: none, settled: none, max: 1 })).toEqual([id(2)])
    expect(planRun(tasks, { max: 2, landed: none })).toMatchObject({
      criticalPath: [id(2), id(3), id(4)],
      ready: [id(2), id(1)],
      blocked: [
        { task: id(3), by: [id(2)] },
        { task: id(4), by: [id(3)] },
      ],
    })
    expect(planRun(tasks, { max: 2, landed: new Set([id(2)]) }).ready).toEqual([id(3), id(1)])
  })

  test('what was given up is not started again, and holds back only what needs it', () => {
    const tasks: Node[] = [
      { id: id(1), needs: [] },
      { id: id(2), needs: [id(1)] },
      { id: id(3), needs: [] },
    ]
    expect(nextReady(tasks, { landed: none, running: none, settled: new Set([id(1)]), max: 4 })).toEqual([id(3)])
    expect(nextReady(tasks, { landed: none, running: new Set([id(1), id(3)]), settled: none, max: 1 })).toEqual([])
  })

  test('thousands of tasks in one chain', () => {
    const chain = Array.from({ length: 5000 }, (_, n): Node => ({ id: id(n), needs: n === 0 ? [] : [id(n - 1)] }))
    expect(planRun(chain, { max: 4, landed: none }).criticalPath.length).toBe(5000)
    expect(findCycles([...chain.slice(1), { id: id(0), needs: [id(4999)] }])[0]?.length).toBe(5000)
  })
})

function reaches(tasks: readonly Node[], from: TaskId, to: TaskId): boolean {
  return (tasks.find((task) => task.id === from)?.needs ?? []).some((need) => need === to || reaches(tasks, need, to))
}

/** Plays a run; answers when the last task ends. */
function simulate(tasks: readonly Node[], max: number, lengthOf: (id: TaskId) => number): number {
  const landed = new Set<TaskId>()
  const ends = new Map<TaskId, number>()
  let now = 0
  while (landed.size < tasks.length) {
    const started = nextReady(tasks, { landed, running: new Set(ends.keys()), settled: none, max })
    for (const task of started) {
      for (const need of tasks.find((node) => node.id === task)?.needs ?? []) expect(landed).toContain(need)
      expect(ends.has(task) || landed.has(task)).toBe(false)
      ends.set(task, now + lengthOf(task))
    }
    expect(ends.size).toBeLessThanOrEqual(max)
    expect(ends.size, 'nothing runs although work is left').toBeGreaterThan(0)
    now = Math.min(...ends.values())
    for (const [task, end] of ends) if (end === now && ends.delete(task)) landed.add(task)
  }
  return now
}
