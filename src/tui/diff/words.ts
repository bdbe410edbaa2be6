import { diffWordsWithSpace } from 'diff'

/** Half-open, in UTF-16 units of the line. */
export type Range = readonly [from: number, to: number]

/** Longer lines are generated, and a person compares them by other means. */
const LONGEST = 2000
/** With less in common, the marks would say no more than the two colours do. */
const LEAST_COMMON = 0.4

/** What changed between the line before and the line after; undefined when they are not two states of one line. */
export function changedWords(
  before: string,
  after: string,
): { readonly old: readonly Range[]; readonly new: readonly Range[] } | undefined {
  if (before.length > LONGEST || after.length > LONGEST || before === after) return undefined
  const changes = diffWordsWithSpace(before, after, { maxEditLength: 200 })
  if (changes === undefined) return undefined
  const old: Range[] = []
  const next: Range[] = []
  let [oldAt, nextAt, common] = [0, 0, 0]
  for (const { value, added, removed } of changes) {
    if (removed) old.push([oldAt, (oldAt += value.length)])
    else if (added) next.push([nextAt, (nextAt += value.length)])
    else {
      oldAt += value.length
      nextAt += value.length
      common += value.trim().length
    }
  }
  const longer = Math.max(before.trim().length, after.trim().length)
  return common >= LEAST_COMMON * longer ? { old, new: next } : undefined
}
