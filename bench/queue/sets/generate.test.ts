import { describe, expect, test } from 'vitest'
import { Random } from '../../../test/support/fleet/random.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { maxLandable } from '../answer-key.ts'
import { generateSet } from './generate.ts'
import { SETS, type SetOptions } from './named-sets.ts'
import { prepareSet } from './prepare-set.ts'
import { verifyKey } from './verify.ts'

describe('generated sets', () => {
  test('are the same for the same seed, and others for another', () => {
    expect(generateSet(setOf('goal', 4))).toEqual(generateSet(setOf('goal', 4)))
    expect(generateSet(setOf('goal', 4)).base).not.toEqual(generateSet(setOf('goal', 5)).base)
  })

  test('are what was asked for', () => {
    const { key, branches } = generateSet(setOf('goal', 7))
    expect([key.branches.length, key.bad.length, key.textual.length, key.together.length]).toEqual([50, 5, 7, 4])
    expect(branches.every(({ changes }) => Object.keys(changes).length > 0)).toBe(true)
    expect(Object.values(key.kinds ?? {}).filter((kind) => kind === 'untouched-test' || kind === 'removed-export')).toHaveLength(2)
    expect(maxLandable(generateSet(setOf('clean50', 7)).key)).toHaveLength(50)
  })

  test('conflict in git exactly where their key says so', async () => {
    for (const seed of [11, 12, 13]) expect((await prepareSet(setOf('goal', seed), temporaryFolder())).key.textual).toHaveLength(7)
  })

  test('have a key that the real suite agrees with: every branch alone, every pair, larger sets', { timeout: 180_000 }, async () => {
    const folder = temporaryFolder()
    const tiny = { ...setOf('small', 3), n: 6, bad: 1, untouched: 1, modules: 6, functionsPerModule: 4, work: 0 }
    const { repository, key } = await prepareSet(tiny, folder)
    const { checked, wrong } = await verifyKey(repository, folder, key, { random: new Random(3), samples: 4, areAllPairs: true })
    expect(wrong).toEqual([])
    expect(checked).toBe(1 + 6 + 15 + 1 + 4)
  })

  test('are seen through when their key is wrong', { timeout: 180_000 }, async () => {
    const folder = temporaryFolder()
    const { repository, key } = await prepareSet(
      { ...setOf('small', 5), n: 3, bad: 1, textual: 0, semantic: 0, modules: 4, work: 0 },
      folder,
    )
    const { wrong } = await verifyKey(repository, folder, { ...key, bad: [] }, { random: new Random(1), samples: 0, areAllPairs: false })
    expect(wrong.length).toBeGreaterThan(0)
  })
})

function setOf(name: string, seed: number): SetOptions {
  const set = SETS[name]
  if (set === undefined) throw new Error(`no set ${name}`)
  return { ...set, name, seed }
}
