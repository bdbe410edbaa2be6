import type { Measured } from './measure.ts'

interface Column {
  readonly title: string
  readonly cell: (one: Measured) => string
}

const columns: readonly Column[] = [
  { title: 'set', cell: (one) => `${one.set} #${one.seed}` },
  { title: 'policy', cell: (one) => one.policy },
  { title: 'landed', cell: (one) => `${one.landed}/${one.landable}` },
  { title: 'λ', cell: (one) => one.lambda.toFixed(3) },
  { title: 'runs', cell: (one) => String(one.runs) },
  { title: 'suites', cell: (one) => one.suiteEquivalents.toFixed(2) },
  { title: 'witness', cell: (one) => one.witnessed?.toFixed(2) ?? '' },
  { title: 'ρ', cell: (one) => one.rho.toFixed(3) },
  { title: 'bound', cell: (one) => String(one.bound) },
  { title: 'κ', cell: (one) => one.kappa.toFixed(2) },
  { title: 'wall s', cell: (one) => (one.wallMs / 1000).toFixed(1) },
  { title: 'ω', cell: (one) => one.omega.toFixed(1) },
  { title: 'red', cell: (one) => `${one.redTargets}/${one.positions}${one.isFinalGreen ? '' : ' FINAL'}` },
  { title: 'fe', cell: (one) => String(one.innocentsEvicted.length) },
  { title: 'forgot', cell: (one) => String(one.forgotten.length) },
  { title: 'flaked', cell: (one) => String(one.flaked ?? '') },
]

export function renderTable(all: readonly Measured[]): string {
  const rows = [columns.map(({ title }) => title), ...all.map((one) => columns.map(({ cell }) => cell(one)))]
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const legend = `suites = suite-equivalents; witness = the same by the tests themselves; ρ = suites/landed; bound = ⌈log2 C(n,k)⌉ runs of any
pass/fail queue; κ = suites/bound; λ = landed/landable; ω = wall/(suite × (1 + [some cannot land])); red = red positions of the target;
fe = innocents evicted; forgot = landable, neither landed nor evicted; flaked = tests that failed by bad luck`

export interface Goal {
  readonly what: string
  readonly isMet: boolean
}

/** What is asked of the queue; the plain policies give the scale. */
export function judgeQueue(all: readonly Measured[]): readonly Goal[] {
  return all
    .filter(({ policy }) => policy === 'queue')
    .flatMap((one) => {
      const at = `${one.set} #${one.seed}`
      const always = [
        { what: `${at}: landed/landable ${one.lambda} ≥ 0.97`, isMet: one.lambda >= 0.97 },
        { what: `${at}: ${one.redTargets} red targets`, isMet: one.redTargets === 0 && one.isFinalGreen },
        { what: `${at}: ${one.innocentsEvicted.length} innocents evicted`, isMet: one.innocentsEvicted.length === 0 },
      ]
      if (one.set === 'goal') return [{ what: `${at}: ${one.suiteEquivalents} suites ≤ 6`, isMet: one.suiteEquivalents <= 6 }, ...always]
      if (one.set === 'clean50')
        return [{ what: `${at}: ${one.runs} run = 1`, isMet: one.runs === 1 && one.suiteEquivalents <= 1 }, ...always]
      return always
    })
}
