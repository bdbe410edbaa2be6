import type { Random } from '../../../test/support/fleet/random.ts'

export function pick<T>(random: Random, all: readonly T[]): T {
  const chosen = all[random.between(0, all.length - 1)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

export function shuffle<T>(random: Random, all: readonly T[]): T[] {
  const keyed = all.map((item) => ({ item, key: random.next() }))
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item)
}
