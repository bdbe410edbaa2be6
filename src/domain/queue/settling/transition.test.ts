import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf, entriesOf, QueueSimulation, testNames } from '../../../../test/support/queue/simulation.ts'
import { Inquiry } from './inquiry.ts'
import { representatives } from './symptom.ts'
import { findTransitions } from './transition.ts'

async function find(length: number, culprits: readonly number[], slots: number) {
  const tests = testNames(culprits.length)
  const breakages = culprits.map((at, index) => ({ members: [`m${at}`], tests: [`t${index}`] }))
  const key = { steps: [{ name: 'test', share: 1, tests }], breakages, flaky: [], ranking: 'none', seed: 0 } as const
  const world = new QueueSimulation(key)
  const { target } = batchOf(entriesOf(length), key)
  const members = entriesOf(length).map(({ id }) => id)
  const run = await world.test({ base: target, members, scope: 'all', why: 'batch' })
  const symptoms = run.kind === 'failed' ? representatives(run, 20) : []
  const treeOf = (prefix: number) => ({ base: target, members: members.slice(0, prefix) })
  const found = await findTransitions(new Inquiry(world, slots), slots, { length, treeOf, why: 'search' }, symptoms)
  return { places: symptoms.map((symptom) => found.get(symptom.key)), runs: world.asked.length - 1 }
}

test('finds each place at which a test begins to fail, in at most ⌈log2⌉ runs for each', async () => {
  const row = fc.integer({ min: 1, max: 70 }).chain((length) =>
    fc.record({
      length: fc.constant(length),
      culprits: fc.array(fc.nat(length - 1), { minLength: 1, maxLength: 5 }),
      slots: fc.integer({ min: 1, max: 4 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(row, async ({ length, culprits, slots }) => {
      const { places, runs } = await find(length, culprits, slots)
      expect(places).toEqual(culprits)
      if (slots === 1) expect(runs).toBeLessThanOrEqual(culprits.length * Math.ceil(Math.log2(length)))
    }),
    { numRuns: 60 },
  )
})

test('tests that begin to fail at one place share their runs', async () => {
  expect((await find(64, [40, 40, 40], 1)).runs).toBe(6)
})
