import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnswerKey, Breaking } from '../../../test/support/queue/simulation.ts'
import { batchOf, commitOf, entriesOf, QueueSimulation, randomOf, testNames } from '../../../test/support/queue/simulation.ts'
import type { Sha } from '../../foundation/brand.ts'
import type { QueueEntry } from './entry.ts'
import { settleBatch } from './settle-batch.ts'

const tests = testNames(100)
const RANKINGS = ['perfect', 'random', 'adversarial', 'none'] as const

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

test.each(RANKINGS)('bad alone, ranking %s: five of fifty go back, the others land', async (ranking) => {
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
})

test.each(RANKINGS)('ranking %s: whoever is asked alone at first is asked only for what points at it', async (ranking) => {
  const breakages = Array.from({ length: 8 }, (_, at) => ({ members: [`m${at * 5}`], tests: [`t${at * 7}`] }))
  const { world } = await settle(entriesOf(50), keyOf(breakages, { ranking }))
  const first = world.asked.slice(
    0,
    world.asked.findIndex(({ why }) => why === 'confirm' || why === 'suspect'),
  )
  const alone = first.flatMap(({ why, scope }) => (why === 'alone' && scope !== 'all' ? scope.tests : []))
  expect(alone.length).toBeLessThanOrEqual(breakages.length)
})

describe('pairs that fail only together', () => {
  test.each(RANKINGS)('ranking %s: the later goes back with the name of the other', async (ranking) => {
    const entries = entriesOf(40)
    const pairs = [
      { members: ['m5', 'm30'], tests: ['t1'] },
      { members: ['m8', 'm9'], tests: ['t2', 't3'] },
    ]
    const { landed, kinds, world } = await settle(entries, keyOf(pairs, { ranking }))
    expect(landed).toEqual(innocent(entries, ['m30', 'm9']))
    expect([kinds.m30, kinds.m9]).toEqual(['fails with m5', 'fails with m8'])
    expect(world.wholeRuns).toBe(2)
  })

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

test.each(RANKINGS)(
  'ranking %s: a new test is not missing from the target but new: who brings it, or breaks it later, goes back',
  async (ranking) => {
    const entries = entriesOf(12)
    const key = keyOf(
      [
        { members: ['m4'], tests: ['t1'] },
        { members: ['m2', 'm9'], tests: ['t2'] },
      ],
      { ranking, addedBy: { t1: 'm4', t2: 'm2' } },
    )
    const { landed, kinds } = await settle(entries, key)
    expect(landed).toEqual(innocent(entries, ['m4', 'm9']))
    expect([kinds.m4, kinds.m9]).toEqual(['fails', 'fails with m2'])
  },
)

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

const MOVED = 'f'.repeat(40) as Sha

test('an entry whose branch moved is void, and the rest is tested again', async () => {
  const key = keyOf([])
  const world = new QueueSimulation(key)
  world.onLand = () => (world.told.has('m1') ? undefined : { kind: 'void', members: { m1: MOVED } })
  await settleBatch(batchOf(entriesOf(3), key), world)
  expect(world.told.get('m1')).toEqual({ kind: 'void', found: MOVED })
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
    const { landed, kinds, world } = await settle(entries, keyOf([{ members: ['m5'], tests: ['t3'] }]))
    expect(world.asked.filter(({ scope }) => scope === 'all').map(({ why }) => why)).toEqual(['batch', 'rest'])
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
    for (let seed = 0; seed < 120; seed++) {
      const random = randomOf(seed)
      const entries = entriesOf(20)
      const bad = [`m${Math.floor(random() * 20)}`]
      const flaky = ['t90', 't91', 't92'].map((name) => ({ test: name, rate: 0.05 }))
      const ranking = RANKINGS[seed % 4] ?? 'none'
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

  test('one entry alone goes back after two more runs and one of the target', async () => {
    const { world, kinds } = await settle(entriesOf(1), blind([{ members: ['m0'], tests: [] }]))
    expect(kinds).toEqual({ m0: 'fails' })
    expect(world.asked.map(({ why }) => why)).toEqual(['batch', 'target?', 'confirm', 'confirm'])
  })

  test('a red target is recognised', async () => {
    const { end, world } = await settle(entriesOf(50), blind([{ members: [], tests: [] }]))
    expect(world.cost).toBeLessThanOrEqual(10)
    expect(end).toMatchObject({ kind: 'red-target', step: 'validate', tests: [] })
  })

  test('groups and needs hold', async () => {
    const entries = entriesOf(12, (at) => (at < 3 ? { group: 'g' } : at === 7 ? { needs: ['m1'] } : {}))
    const { kinds, landed } = await settle(entries, blind([{ members: ['m2'], tests: [] }]))
    expect(landed).toEqual(innocent(entries, ['m0', 'm1', 'm2', 'm7']))
    expect([kinds.m0, kinds.m1, kinds.m2, kinds.m7]).toEqual(['group', 'group', 'fails', 'requeued'])
  })

  test('at 5 % of the runs red for no reason no innocent goes back', async () => {
    for (let seed = 0; seed < 80; seed++) {
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

const subset = (most: number) => fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: most })
const scene = fc.record({
  size: fc.integer({ min: 1, max: 12 }),
  rules: fc.array(fc.record({ members: subset(3), tests: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }) }), { maxLength: 5 }),
  hidden: fc.array(fc.record({ members: subset(2), step: fc.constantFrom('setup', 'lint', 'all') }), { maxLength: 2 }),
  isBlind: fc.boolean(),
  needs: fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 2 }),
  groups: fc.array(fc.constantFrom(undefined, undefined, 'g', 'h'), { minLength: 12, maxLength: 12 }),
  unbuildable: fc.array(subset(3), { maxLength: 1 }),
  ranking: fc.constantFrom(...RANKINGS),
  slots: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
})

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

function worldOf({ size, rules, hidden, isBlind, needs, groups, unbuildable, ranking, seed }: Scene) {
  const idsOf = (members: readonly number[]) => members.filter((at) => at < size).map((at) => `m${at}`)
  const entries = entriesOf(size, (at) => ({
    needs: needs.filter(([later, earlier]) => later === at && earlier < at).map(([, earlier]) => `m${earlier}`),
    ...(groups[at] === undefined ? {} : { group: groups[at] }),
  }))
  const breakages = [
    ...rules.map((rule) => ({ members: idsOf(rule.members), tests: isBlind ? ['validate'] : rule.tests.map((at) => `t${at}`) })),
    ...hidden.map(({ members, step }) => ({ members: idsOf(members), tests: isBlind ? ['validate'] : step === 'all' ? tests : [step] })),
  ].filter(({ members }) => members.length > 0)
  const change: Partial<AnswerKey> = { ranking, seed, unbuildable: unbuildable.map(idsOf).filter(({ length }) => length > 1) }
  return { entries, key: keyOf(breakages, isBlind ? { ...change, steps: [{ name: 'validate', share: 1 }] } : change) }
}

function breaks(key: AnswerKey, ids: ReadonlySet<string>): boolean {
  return key.breakages.some(({ members }) => members.every((id) => ids.has(id)))
}

test('whatever the ranking says: nothing red lands, all that can land does, and each member is told once', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (scene) => {
      const { entries, key } = worldOf(scene)
      const { world, end, landed } = await settle(entries, key, scene.slots)
      expect(end).toEqual({ kind: 'settled' })
      for (const [id, outcome] of world.told) {
        if (outcome.kind !== 'sent-back' || outcome.breakage.kind !== 'fails') continue
        const mates = entries.filter(
          ({ group, id: other }) => group !== undefined && group === entries.find((one) => one.id === id)?.group && other !== id,
        )
        expect(breaks(key, new Set([...landed, id, ...mates.map((mate) => mate.id)]))).toBe(true)
      }
      const isWaiting = ({ id, needs, group }: QueueEntry): boolean =>
        [
          ...needs,
          ...entries.filter((other) => group !== undefined && other.group === group).flatMap((mate) => [mate.name, ...mate.needs]),
        ].some((name) => name !== id && !landed.has(name))
      for (const entry of entries) {
        if (world.told.get(entry.id)?.kind === 'requeued') expect(isWaiting(entry) || (key.unbuildable ?? []).length > 0).toBe(true)
      }
    }),
    { numRuns: 80 },
  )
})

test('bad ones and pairs that share no member: exactly the bad ones and the later of each pair stay out', async () => {
  const places = fc.shuffledSubarray([...Array(24).keys()], { minLength: 24 })
  await fc.assert(
    fc.asyncProperty(
      places,
      fc.nat(4),
      fc.nat(4),
      fc.boolean(),
      fc.constantFrom(...RANKINGS),
      fc.nat(),
      async (order, bad, pairs, isShared, ranking, seed) => {
        const entries = entriesOf(24)
        const alone = order.slice(0, bad).map((at) => [at])
        const together = Array.from({ length: pairs }, (_, at) => order.slice(4 + 2 * at, 6 + 2 * at))
        const breakages = [...alone, ...together].map((places, at) => ({
          members: places.map((place) => `m${place}`),
          tests: [`t${isShared ? at % 2 : at}`],
        }))
        const { landed } = await settle(entries, keyOf(breakages, { ranking, seed }))
        expect(landed).toEqual(
          innocent(
            entries,
            [...alone, ...together].map((places) => `m${Math.max(...places)}`),
          ),
        )
      },
    ),
    { numRuns: 40 },
  )
})

test('the same answers lead to the same calls, whichever of the runs side by side ends first', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (scene) => {
      const { entries, key } = worldOf({ ...scene, ranking: scene.ranking === 'random' ? 'none' : scene.ranking })
      const callsWith = async (seed: number) => {
        const world = new QueueSimulation(key)
        const random = randomOf(seed)
        const answer = world.test.bind(world)
        world.test = async (request) => {
          const run = await answer(request)
          for (let ticks = Math.floor(random() * 8); ticks > 0; ticks--) await Promise.resolve()
          return run
        }
        await settleBatch(batchOf(entries, key, scene.slots), world)
        return [world.asked, [...world.told]]
      }
      expect(await callsWith(1)).toEqual(await callsWith(2))
    }),
    { numRuns: 20 },
  )
})
