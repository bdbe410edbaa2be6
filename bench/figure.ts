export type Unit = 'ms' | 'MB' | '%' | '×' | 'bytes' | 'count'

/** One measured figure. Without a goal it only gives the others their scale. */
export interface Figure {
  readonly id: string
  readonly what: string
  readonly unit: Unit
  /** The median may be at most this. */
  readonly goal?: number
  readonly samples: readonly number[]
  readonly note?: string
}

export interface Judged extends Figure {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly verdict: 'pass' | 'miss' | 'no goal'
}

export function judge(figure: Figure): Judged {
  const samples = figure.samples.map(round)
  const middle = median(samples)
  const verdict = figure.goal === undefined ? 'no goal' : middle <= figure.goal ? 'pass' : 'miss'
  return { ...figure, samples, median: middle, min: Math.min(...samples), max: Math.max(...samples), verdict }
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return round(sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2)
}

/** Three significant digits are more than a machine repeats. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
