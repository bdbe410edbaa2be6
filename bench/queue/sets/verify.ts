import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../../test/support/fleet/random.ts'
import { type AnswerKey, isGreen, maxLandable } from '../answer-key.ts'
import { shuffle } from './chance.ts'
import { Grounds } from '../policies/grounds.ts'
import { plainEnvironment } from '../run-program.ts'

export interface Verification {
  readonly checked: number
  /** Where the real suite and the key do not agree. */
  readonly wrong: readonly string[]
}

/** Asks the real suite, with no test flaky: each branch alone, the pairs (all, or those of the key), the largest landable set, some subsets. */
export async function verifyKey(
  repository: string,
  folder: string,
  key: AnswerKey,
  { random, samples, areAllPairs }: { random: Random; samples: number; areAllPairs: boolean },
): Promise<Verification> {
  mkdirSync(folder, { recursive: true })
  const grounds = await Grounds.open(repository, join(folder, 'verified'), key, { ...plainEnvironment(), ...key.steady })
  const target = await grounds.commitOf(key.target)
  const pairs = areAllPairs ? key.branches.flatMap((a, index) => key.branches.slice(index + 1).map((b) => [a, b])) : key.together
  const subsets = Array.from({ length: samples }, () => shuffle(random, key.branches).slice(0, random.between(3, key.branches.length)))
  const wrong: string[] = []
  let checked = 0
  for (const names of [[], ...key.branches.map((name) => [name]), ...pairs, maxLandable(key), ...subsets]) {
    const { commit, merged, conflicting } = await grounds.mergeAll(target, names)
    const told = names.filter((name) =>
      key.textual.some((pair) => pair.includes(name) && pair.some((one) => one !== name && merged.includes(one))),
    )
    if (conflicting.toString() !== told.filter((name) => !merged.includes(name)).toString())
      wrong.push(`conflicts of ${names.join(' ')}: ${conflicting.join(' ')}`)
    const { isGreen: isReallyGreen, step, output } = await grounds.test(commit)
    checked += 1
    if (isReallyGreen !== isGreen(key, new Set(merged)))
      wrong.push(`${merged.join(' ')} ${isReallyGreen ? 'is green' : `fails in ${step}: ${output.slice(-600)}`}`)
  }
  await grounds.close()
  return { checked, wrong }
}
