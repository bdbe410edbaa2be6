import { ownsPath } from '../backlog/ownership.ts'
import type { PartsOverlap } from '../radar/parts-overlap.ts'
import type { Contract, Department } from '../features/department.ts'

/** Handles of two parts, and the rule by which one of them yields. */
export type Ruling = { readonly keeps: string; readonly yields: string; readonly why: string }

export interface Rules {
  readonly contracts: readonly Contract[]
  /** By the handle of its part. */
  readonly departments: ReadonlyMap<string, Department>
}

/**
 * The owner of the contract keeps, then the owner of the path; where both or none own what conflicts, the one with fewer conflicting lines yields;
 * at last the later one by name.
 */
export function decideYield({ one, other, files }: PartsOverlap, { contracts, departments }: Rules): Ruling {
  const first = departments.get(one.handle)
  const second = departments.get(other.handle)
  const count = (owns: (department: Department | undefined, path: string) => boolean): number =>
    files.filter(({ path }) => owns(first, path)).length - files.filter(({ path }) => owns(second, path)).length
  const [oneKeeps, otherKeeps] = [
    { keeps: one.handle, yields: other.handle },
    { keeps: other.handle, yields: one.handle },
  ]
  const byContract = count((department, path) =>
    contracts.some(({ owner, files: globs }) => owner === department?.name && ownsPath(globs, path)),
  )
  if (byContract !== 0) {
    const ruling = byContract > 0 ? oneKeeps : otherKeeps
    return { ...ruling, why: `${ruling.keeps} owns the contract` }
  }
  const byPath = count((department, path) => ownsPath(department?.owns ?? [], path))
  if (byPath !== 0) {
    const ruling = byPath > 0 ? oneKeeps : otherKeeps
    return { ...ruling, why: `${ruling.keeps} owns the ${files.length === 1 ? 'file' : 'files'}` }
  }
  if (one.lines !== other.lines) {
    const ruling = one.lines > other.lines ? oneKeeps : otherKeeps
    const [most, fewest] = [Math.max(one.lines, other.lines), Math.min(one.lines, other.lines)]
    return { ...ruling, why: `${ruling.yields} has fewer conflicting lines (${fewest} against ${most})` }
  }
  return { ...oneKeeps, why: 'neither owns more of it nor has fewer conflicting lines, and the earlier name keeps' }
}
