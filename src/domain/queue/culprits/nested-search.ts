/** How many to test next: of a set of which at least one is bad, if there is one (then fewer than all of it), else of the others. */
export type NestedPlan = (contaminated: number, others: number) => number

/** Above, the table costs more than the last hundredth of a run that it saves. */
const TABLE_LIMIT = 160

/**
 * The optimal nested group test, procedure R1 of Sobel and Groll (1959, "Group testing to eliminate efficiently all defectives in a binomial sample"):
 * when each of `total` is bad with probability `rate` independently, the test sizes with the fewest expected runs among the procedures that keep at most
 * one contaminated set and always test inside it. By dynamic programming over (contaminated m, undecided n):
 *
 *     F(0, n) = 1 + min over x of  qˣ F(0, n−x) + (1−qˣ) F(x, n)
 *     F(m, n) = 1 + min over x<m of ((qˣ−qᵐ) F(m−x, n−x) + (1−qˣ) F(x, n)) / (1−qᵐ),    F(1, n) = F(0, n−1)
 */
export function planNestedSearch(rate: number, total: number): NestedPlan {
  const limit = Math.min(total, TABLE_LIMIT)
  const sizes = tabulate(1 - rate, limit)
  return (contaminated, others) => {
    if (contaminated > limit) return Math.ceil(contaminated / 2)
    const undecided = Math.min(limit, contaminated + others)
    return sizes[contaminated * (limit + 1) + undecided] ?? 1
  }
}

function tabulate(q: number, limit: number): Int32Array {
  const width = limit + 1
  const powers = Float64Array.from({ length: width }, (_, x) => q ** x)
  const runs = new Float64Array(width * width)
  const sizes = new Int32Array(width * width).fill(1)
  const at = (table: Float64Array, index: number) => table[index] ?? 0
  for (let n = 1; n <= limit; n++) {
    runs[width + n] = at(runs, n - 1)
    for (let m = 2; m <= n + 1; m++) {
      // Last of all the state without a contaminated set, which any test can lead out of.
      const isFree = m === n + 1
      const row = isFree ? 0 : m
      const edge = isFree ? 0 : at(powers, m)
      let best = Infinity
      for (let x = 1; x < m; x++) {
        const clean = (at(powers, x) - edge) * at(runs, (isFree ? 0 : m - x) * width + n - x)
        const expected = 1 + (clean + (1 - at(powers, x)) * at(runs, x * width + n)) / (1 - edge)
        if (expected < best - 1e-12) {
          best = expected
          sizes[row * width + n] = x
        }
      }
      runs[row * width + n] = best
    }
  }
  return sizes
}
