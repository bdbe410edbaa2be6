import { describe, expect, test } from 'vitest'
import type { AnswerKey, Breaking } from '../../../test/support/queue-simulation.ts'
import { batchOf, commitOf, entriesOf, QueueSimulation, randomOf, testNames } from '../../../test/support/queue-simulation.ts'
import type { QueueEntry } from './entry.ts'
import { settleBatch } from './settle-batch.ts'

const tests = testNames(100)

function keyOf(breakages: readonly Breaking[], change: Partial<AnswerKey> = {}): AnswerKey {
  const steps = [
    { name: 'setup', share: 0.05 },
    { name: 'lint', share: 0.15 },
    { name: 'test', share: 0.8, tests },
  ]
  return { steps, breakages, flaky: [], ranking: 'perfect', seed: 1, ...change }
}

async function settle(entries: readonly QueueEntry[], key: AnswerKey, slots = 1) {
  const world = new QueueSimulation(key)
  const end = await settleBatch(batchOf(entries, key, slots), world)
  expect(world.violations).toEqual([])
  expect([...world.told.keys()].sort()).toEqual(entries.map(({ id }) => id).sort())
  return { world, end, kinds: kindsOf(world), landed: new Set(world.landed) }
}

function kindsOf(world: QueueSimulation): Record<string, string> {
  return Object.fromEntries(
    [...world.told].map(([id, outcome]) => {
      if (outcome.kind !== 'sent-back') return [id, outcome.kind]
      const { breakage } = outcome
      return [id, breakage.kind === 'fails' && breakage.with !== undefined ? `fails with ${breakage.with}` : breakage.kind]
    }),
  )
}

function innocent(entries: readonly QueueEntry[], guilty: readonly string[]): Set<string> {
  return new Set(entries.map(({ id }) => id).filter((id) => !guilty.includes(id)))
}

test('fifty clean entries land after exactly one run', async () => {
  const { world, end } = await settle(entriesOf(50), keyOf([]))
  expect(end).toEqual({ kind: 'settled' })
  expect(world.asked.map(({ why, outcome }) => [why, outcome])).toEqual([['batch', 'passed']])
  expect(world.landings).toHaveLength(1)
})

test.each(['perfect', 'random', 'adversarial', 'none'] as const)(
  'bad alone, ranking %s: five of fifty go back, the others land',
  async (ranking) => {
    const entries = entriesOf(50)
    const bad = ['m3', 'm17', 'm18', 'm31', 'm49']
    const { world, landed, kinds } = await settle(
      entries,
      keyOf(
        bad.map((id, at) => ({ members: [id], tests: [`t${at * 3}`] })),
        { ranking },
      ),
    )
    expect(landed).toEqual(innocent(entries, bad))
    expect(bad.map((id) => kinds[id])).toEqual(bad.map(() => 'fails'))
    expect(world.wholeRuns).toBe(2)
    expect(world.cost).toBeLessThan(ranking === 'perfect' ? 3 : 4)
  },
)

describe('pairs that fail only together', () => {
  test.each(['perfect', 'random', 'adversarial', 'none'] as const)(
    'ranking %s: the later goes back with the name of the other',
    async (ranking) => {
      const entries = entriesOf(40)
      const pairs = [
        { members: ['m5', 'm30'], tests: ['t1'] },
        { members: ['m8', 'm9'], tests: ['t2', 't3'] },
      ]
      const { landed, kinds, world } = await settle(entries, keyOf(pairs, { ranking }))
      expect(landed).toEqual(innocent(entries, ['m30', 'm9']))
      expect([kinds.m30, kinds.m9]).toEqual(['fails with m5', 'fails with m8'])
      expect(world.wholeRuns).toBe(2)
    },
  )

  test('the other is bad itself: then the later one lands', async () => {
    const entries = entriesOf(10)
    const { landed } = await settle(
      entries,
      keyOf([
        { members: ['m2'], tests: ['t9'] },
        { members: ['m2', 'm6'], tests: ['t1'] },
      ]),
    )
    expect(landed).toEqual(innocent(entries, ['m2']))
  })

  test('three that fail only all together: the last goes back', async () => {
    const entries = entriesOf(12)
    const { landed, kinds } = await settle(entries, keyOf([{ members: ['m1', 'm4', 'm7'], tests: ['t1'] }], { ranking: 'none' }))
    expect(landed).toEqual(innocent(entries, ['m7']))
    expect(kinds.m7).toBe('fails with m4')
  })
})

describe('steps that say nothing of tests', () => {
  test('a lint failure is asked of the step alone', async () => {
    const entries = entriesOf(30)
    const { landed, world } = await settle(entries, keyOf([{ members: ['m12'], tests: ['lint'] }], { ranking: 'none' }))
    expect(landed).toEqual(innocent(entries, ['m12']))
    expect(world.cost).toBeLessThan(3)
  })

  test('a set-up that one entry breaks hides everything else until it is out', async () => {
    const entries = entriesOf(30)
    const key = keyOf([
      { members: ['m3'], tests: ['setup'] },
      { members: ['m9'], tests: [...tests] },
      { members: ['m20'], tests: ['t7'] },
    ])
    const { landed, kinds } = await settle(entries, key)
    expect(landed).toEqual(innocent(entries, ['m3', 'm9', 'm20']))
    expect([kinds.m3, kinds.m9, kinds.m20]).toEqual(['fails', 'fails', 'fails'])
  })
})

describe('the target', () => {
  test('red before: nobody is accused', async () => {
    const { end, kinds, world } = await settle(entriesOf(4), keyOf([{ members: [], tests: ['t4'] }]))
    expect(end).toMatchObject({ kind: 'red-target', commit: commitOf(0), step: 'test', tests: ['t4'] })
    expect(new Set(Object.values(kinds))).toEqual(new Set(['requeued']))
    expect(world.cost).toBeLessThan(1.2)
  })

  test('red before, and an entry mends it: everything lands', async () => {
    const { end, landed } = await settle(entriesOf(4), keyOf([{ members: [], tests: ['t4'], mendedBy: ['m2'] }]))
    expect(end).toEqual({ kind: 'settled' })
    expect(landed.size).toBe(4)
  })

  test('red before, an entry mends it, and another is bad: the others land', async () => {
    const entries = entriesOf(8)
    const key = keyOf([
      { members: [], tests: ['t4'], mendedBy: ['m2'] },
      { members: ['m6'], tests: ['t5'] },
    ])
    const { landed, kinds } = await settle(entries, key)
    expect(landed).toEqual(innocent(entries, ['m6']))
    expect(kinds.m6).toBe('fails')
  })

  test('red before, an entry mends it, and a suspect breaks the same test: one try without the suspect', async () => {
    const entries = entriesOf(8)
    const key = keyOf([
      { members: [], tests: ['t4'], mendedBy: ['m2'] },
      { members: ['m6'], tests: ['t4'] },
    ])
    const world = new QueueSimulation(key)
    world.rank = async ({ failures }) => failures.map((failure) => ({ test: failure, suspects: [{ member: 'm6', score: 1 }] }))
    expect(await settleBatch(batchOf(entries, key), world)).toEqual({ kind: 'settled' })
    expect(new Set(world.landed)).toEqual(innocent(entries, ['m6']))
    expect(world.violations).toEqual([])
  })

  test('moved by someone else: what is left waits for the next batch', async () => {
    const key = keyOf([{ members: ['m1'], tests: ['t1'] }])
    const world = new QueueSimulation(key)
    world.onLand = () => ({ kind: 'target-moved', found: commitOf(77) })
    expect(await settleBatch(batchOf(entriesOf(3), key), world)).toEqual({ kind: 'target-moved', found: commitOf(77) })
    expect(kindsOf(world)).toEqual({ m0: 'requeued', m1: 'fails', m2: 'requeued' })
  })
})

test('a stopped run ends the batch', async () => {
  const key = keyOf([])
  const world = new QueueSimulation(key)
  world.onTest = () => ({ kind: 'stopped', durationMs: 1, isCached: false })
  expect(await settleBatch(batchOf(entriesOf(3), key), world)).toEqual({ kind: 'stopped' })
  expect(new Set(Object.values(kindsOf(world)))).toEqual(new Set(['requeued']))
})

test('an entry whose branch moved is void, and the rest is tested again', async () => {
  const key = keyOf([])
  const world = new QueueSimulation(key)
  world.onLand = () => (world.told.has('m1') ? undefined : { kind: 'void', members: ['m1'] })
  await settleBatch(batchOf(entriesOf(3), key), world)
  expect(kindsOf(world)).toEqual({ m0: 'landed', m1: 'void', m2: 'landed' })
  expect(world.asked.map(({ members }) => members.length)).toEqual([3, 2])
})

test('a conflict of three is found while building: one waits for the next batch', async () => {
  const { kinds } = await settle(entriesOf(5), keyOf([{ members: ['m4'], tests: ['t1'] }], { unbuildable: [['m0', 'm1', 'm3']] }))
  expect(kinds).toEqual({ m0: 'landed', m1: 'landed', m2: 'landed', m3: 'requeued', m4: 'fails' })
})

test('what is held is built upon', async () => {
  const key = keyOf([{ members: ['m1', 'm2'], tests: ['t1'] }])
  const world = new QueueSimulation(key)
  const land = world.land.bind(world)
  world.land = async (request) => {
    const result = await land(request)
    return result.kind === 'landed' ? { ...result, kind: 'held', ref: 'refs/orch/held', checkout: '/here', dirty: ['a'] } : result
  }
  await settleBatch(batchOf(entriesOf(4), key), world)
  expect(kindsOf(world)).toEqual({ m0: 'held', m1: 'held', m2: 'fails with m1', m3: 'held' })
})

describe('groups and needs', () => {
  test('one of a group fails: none of it lands', async () => {
    const entries = entriesOf(8, (at) => (at === 2 || at === 5 || at === 6 ? { group: 'shop' } : {}))
    const { landed, kinds } = await settle(entries, keyOf([{ members: ['m5'], tests: ['t3'] }]))
    expect(landed).toEqual(innocent(entries, ['m2', 'm5', 'm6']))
    expect([kinds.m2, kinds.m5, kinds.m6]).toEqual(['group', 'fails', 'group'])
  })

  test('what needs an entry that went back waits, and what it needs lands first', async () => {
    const entries = entriesOf(6, (at) =>
      at === 3 ? { needs: ['m1'] } : at === 4 ? { needs: ['m3', 'gone'] } : at === 5 ? { needs: ['m0'] } : {},
    )
    const { kinds } = await settle(entries, keyOf([{ members: ['m3'], tests: ['t3'] }]))
    expect(kinds).toEqual({ m0: 'landed', m1: 'landed', m2: 'landed', m3: 'fails', m4: 'requeued', m5: 'landed' })
  })
})

describe('flaky tests', () => {
  test('one that fails by accident is noted, and the tree lands', async () => {
    const key = keyOf([])
    const world = new QueueSimulation(key)
    world.onTest = (count) =>
      count > 0
        ? undefined
        : {
            kind: 'failed',
            step: 'test',
            failures: [{ file: 'test/t5.test.ts', name: 't5', message: '', frames: [] }],
            passed: [],
            summary: '',
            tail: '',
            log: '',
            durationMs: 1000,
            isCached: false,
          }
    await settleBatch(batchOf(entriesOf(5), key), world)
    expect(world.flakes).toEqual(['t5'])
    expect(world.landed).toHaveLength(5)
  })

  test('at 5 % no innocent goes back and nothing red lands', async () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = randomOf(seed)
      const entries = entriesOf(20)
      const bad = [`m${Math.floor(random() * 20)}`]
      const flaky = ['t90', 't91', 't92'].map((name) => ({ test: name, rate: 0.05 }))
      const ranking = (['perfect', 'random', 'adversarial', 'none'] as const)[seed % 4] ?? 'none'
      const key = keyOf(seed % 3 === 0 ? [] : [{ members: bad, tests: ['t1'] }], { flaky, seed, ranking })
      const { landed } = await settle(entries, key, 1 + (seed % 3))
      expect(landed).toEqual(innocent(entries, seed % 3 === 0 ? [] : bad))
    }
  })
})

describe('reports that only say yes or no', () => {
  const blind = (breakages: readonly Breaking[], change: Partial<AnswerKey> = {}) =>
    keyOf(
      breakages.map((rule) => ({ ...rule, tests: ['validate'] })),
      { steps: [{ name: 'validate', share: 1 }], ranking: 'none', ...change },
    )

  test('five of fifty are found in about as many runs as the nested search takes', async () => {
    const entries = entriesOf(50)
    const bad = ['m3', 'm17', 'm18', 'm31', 'm49']
    const { world, landed, kinds } = await settle(entries, blind(bad.map((id) => ({ members: [id], tests: [] }))))
    expect(landed).toEqual(innocent(entries, bad))
    expect(bad.map((id) => kinds[id])).toEqual(bad.map(() => 'fails'))
    expect(world.cost).toBeLessThan(40)
  })

  test('a pair is told apart from one that is bad alone while that is cheap', async () => {
    const entries = entriesOf(16)
    const { kinds } = await settle(entries, blind([{ members: ['m2', 'm9'], tests: [] }]))
    expect(kinds.m9).toBe('fails with m2')
  })

  test('a red target is recognised', async () => {
    const { end } = await settle(entriesOf(16), blind([{ members: [], tests: [] }]))
    expect(end).toMatchObject({ kind: 'red-target', step: 'validate', tests: [] })
  })

  test('groups and needs hold', async () => {
    const entries = entriesOf(12, (at) => (at < 3 ? { group: 'g' } : at === 7 ? { needs: ['m1'] } : {}))
    const { kinds, landed } = await settle(entries, blind([{ members: ['m2'], tests: [] }]))
    expect(landed).toEqual(innocent(entries, ['m0', 'm1', 'm2', 'm7']))
    expect([kinds.m0, kinds.m1, kinds.m2, kinds.m7]).toEqual(['group', 'group', 'fails', 'requeued'])
  })

  test('at 5 % of the runs red for no reason no innocent goes back', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const bad = seed % 2 === 0 ? [] : ['m3', 'm11']
      const flaky = [{ test: 'validate', rate: 0.05 }]
      const key = blind(
        bad.map((id) => ({ members: [id], tests: [] })),
        { flaky, seed },
      )
      const { landed } = await settle(entriesOf(16), key)
      expect(landed).toEqual(innocent(entriesOf(16), bad))
    }
  })
})
