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
  { title: 'red', cell: (one) => `${Math.max(one.redTargets, one.failingTargets)}/${one.positions}` },
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

export const legend = `suites = suite-equivalents; witness = the same in processor time of the tests; ρ = suites/landed; bound = ⌈log2 C(n,k)⌉ runs of any
pass/fail queue; κ = suites/bound; λ = landed/landable; ω = wall/(suite × (1 + [some cannot land])); red = red positions of the target;
fe = innocents evicted; forgot = landable, neither landed nor evicted; flaked = tests that failed by bad luck`

/** Means over the seeds of each set and policy; nothing when there is one seed. */
export function renderMeans(all: readonly Measured[]): string {
  const kinds = [...new Set(all.map(({ set, policy }) => `${set} ${policy}`))]
  const lines = kinds.flatMap((kind) => {
    const some = all.filter(({ set, policy }) => `${set} ${policy}` === kind)
    const mean = (of: (one: Measured) => number): number => some.reduce((sum, one) => sum + of(one), 0) / some.length
    if (some.length < 2) return []
    const figures = [
      `suites ${mean((one) => one.suiteEquivalents).toFixed(2)} (most ${Math.max(...some.map((one) => one.suiteEquivalents)).toFixed(2)})`,
      `witness ${mean((one) => one.witnessed ?? 0).toFixed(2)}`,
      `ρ ${mean((one) => one.rho).toFixed(3)}`,
      `κ ${mean((one) => one.kappa).toFixed(2)}`,
      `λ ${mean((one) => one.lambda).toFixed(3)} (least ${Math.min(...some.map((one) => one.lambda)).toFixed(3)})`,
      `ω ${mean((one) => one.omega).toFixed(1)}`,
      `red ${mean((one) => Math.max(one.redTargets, one.failingTargets)).toFixed(1)}`,
      `fe ${mean((one) => one.innocentsEvicted.length).toFixed(2)}`,
    ]
    return [`${kind}, mean of ${some.length}: ${figures.join('  ')}`]
  })
  return lines.join('\n')
}

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
        {
          what: `${at}: ${one.redTargets} red targets, ${one.failingTargets} fail when they are tested`,
          isMet: one.redTargets + one.failingTargets === 0,
        },
        { what: `${at}: ${one.innocentsEvicted.length} innocents evicted`, isMet: one.innocentsEvicted.length === 0 },
      ]
      if (one.set === 'goal') return [{ what: `${at}: ${one.suiteEquivalents} suites ≤ 6`, isMet: one.suiteEquivalents <= 6 }, ...always]
      if (one.set === 'clean50')
        return [{ what: `${at}: ${one.runs} run = 1`, isMet: one.runs === 1 && one.suiteEquivalents <= 1 }, ...always]
      return always
    })
}
