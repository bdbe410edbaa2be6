/** A finished attempt, measured. */
export interface Measured {
  readonly number: number
  /** False where no validation is configured: then nothing was proven. */
  readonly isValidated: boolean
  /** What a reviewer said of it, 0 to 1, if one was asked. */
  readonly review?: number
  /** Lines added and removed, and files changed, against the common base. Undefined where git could not tell. */
  readonly lines?: number
  readonly files?: number
  readonly costUsd: number
  readonly elapsedMs: number
}

export interface Scored {
  readonly number: number
  /** 0 to 1, two decimals. */
  readonly score: number
}

/**
 * What each part weighs. The validation is a must: what fails it never gets here, and without one no score passes 0.5, so that nothing unproven is
 * taken by itself. Of work that passes, the smaller and less spread change is the better one to own; money and time decide between equals.
 */
const WEIGHTS = { validation: 0.5, review: 0.3, lines: 0.25, files: 0.1, cost: 0.1, time: 0.05 } as const

/** Differences below these amounts are noise: they are added to both sides of each ratio. */
const NOISE = { lines: 10, files: 1, costUsd: 0.05, elapsedMs: 60_000 } as const

/**
 * The best first; of equals the lower number. A part is how the least of all compares to the attempt's own (1 for the least itself), and a part that
 * nobody has (a review that was not asked for) weighs nothing.
 */
export function scoreAttempts(attempts: readonly Measured[]): readonly Scored[] {
  const best = {
    lines: least(attempts, (attempt) => attempt.lines),
    files: least(attempts, (attempt) => attempt.files),
    costUsd: least(attempts, (attempt) => attempt.costUsd),
    elapsedMs: least(attempts, (attempt) => attempt.elapsedMs),
  }
  return attempts
    .map((attempt) => ({ number: attempt.number, score: scoreOf(attempt, best) }))
    .toSorted((a, b) => b.score - a.score || a.number - b.number)
}

type Best = { readonly [Part in keyof typeof NOISE]: number | undefined }

function scoreOf(attempt: Measured, best: Best): number {
  // Nothing was changed, or all of it was taken back: the smallest of all changes, and no work.
  if (attempt.files === 0) return 0
  const parts: readonly (readonly [weight: number, part: number | undefined])[] = [
    [WEIGHTS.validation, attempt.isValidated ? 1 : 0],
    [WEIGHTS.review, attempt.review],
    [WEIGHTS.lines, ratio(best.lines, attempt.lines, NOISE.lines)],
    [WEIGHTS.files, ratio(best.files, attempt.files, NOISE.files)],
    [WEIGHTS.cost, ratio(best.costUsd, attempt.costUsd, NOISE.costUsd)],
    [WEIGHTS.time, ratio(best.elapsedMs, attempt.elapsedMs, NOISE.elapsedMs)],
  ]
  let total = 0
  let sum = 0
  for (const [weight, part] of parts) {
    if (part === undefined) continue
    total += weight
    sum += weight * part
  }
  return Math.round((sum / total) * 100) / 100
}

function least(attempts: readonly Measured[], of: (attempt: Measured) => number | undefined): number | undefined {
  const known = attempts.filter((attempt) => attempt.files !== 0).flatMap((attempt) => of(attempt) ?? [])
  return known.length === 0 ? undefined : Math.min(...known)
}

function ratio(best: number | undefined, own: number | undefined, noise: number): number | undefined {
  return best === undefined || own === undefined ? undefined : (best + noise) / (own + noise)
}
