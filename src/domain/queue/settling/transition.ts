import type { Why } from '../hands.ts'
import type { Inquiry, Tree } from './inquiry.ts'
import type { Symptom } from './symptom.ts'

type Interval = { readonly symptom: Symptom; green: number; red: number }

/**
 * For each symptom the place in a row of `length` at which it appears: the tree of the first `at` things does not show it, and that of `at + 1` does.
 * Needs a row of which the empty prefix shows none and the whole shows all. Then such a place exists whatever the row's order and however the
 * things act on each other, and halving finds one: ⌈log2 length⌉ runs for a symptom, shared among symptoms as far as their halves are the same.
 */
export async function findTransitions(
  inquiry: Inquiry,
  slots: number,
  row: { readonly length: number; readonly treeOf: (prefix: number) => Tree; readonly why: Why },
  symptoms: readonly Symptom[],
): Promise<ReadonlyMap<string, number>> {
  const intervals = symptoms.map((symptom): Interval => ({ symptom, green: 0, red: row.length }))
  for (;;) {
    const wide = intervals.filter(({ green, red }) => red - green > 1)
    if (wide.length === 0) return new Map(intervals.map(({ symptom: { key }, green }) => [key, green]))
    const cuts = chooseCuts(wide, slots)
    const asked = cuts.map((cut) => wide.filter(({ green, red }) => green < cut && cut < red))
    const probes = cuts.map((cut, at) => ({ ...row.treeOf(cut), symptoms: (asked[at] ?? []).map(({ symptom }) => symptom), why: row.why }))
    const answers = await inquiry.ask(probes)
    cuts.forEach((cut, at) => {
      for (const interval of asked[at] ?? []) narrow(interval, cut, answers[at]?.has(interval.symptom.key) === true)
    })
  }
}

/** Cuts come in ascending order: the first red one ends the interval, and what a later one says lies behind it. */
function narrow(interval: Interval, cut: number, isRed: boolean): void {
  if (cut <= interval.green || cut >= interval.red) return
  if (isRed) interval.red = cut
  else interval.green = cut
}

/** One cut for each of as many different intervals as there are slots; slots left over cut the same ones into more parts. */
function chooseCuts(wide: readonly Interval[], slots: number): readonly number[] {
  const distinct = new Map(wide.map((interval) => [`${interval.green}-${interval.red}`, interval]))
  const served = [...distinct.values()].slice(0, Math.max(1, slots))
  const parts = Math.floor(Math.max(1, slots) / served.length) + 1
  const cuts = served.flatMap(({ green, red }) => {
    const inside = Array.from({ length: parts - 1 }, (_, at) => green + Math.round(((red - green) * (at + 1)) / parts))
    return inside.filter((cut) => cut > green && cut < red)
  })
  return [...new Set(cuts)].sort((a, b) => a - b)
}
