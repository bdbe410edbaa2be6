import { ownsPath } from '../backlog/ownership.ts'
import type { Department } from '../features/department.ts'

export interface ReviewedChange {
  /** Name of the department whose work it is. */
  readonly author: string
  /** All of the feature. */
  readonly departments: readonly Department[]
  /** Relative to the root, as they are now and, where they were renamed, as they were. */
  readonly paths: readonly string[]
  /** There are more paths than these. */
  readonly isCut: boolean
  /** Names of those that found something that must not land in an earlier commit of this work. */
  readonly objected: readonly string[]
}

/** Sees everything, where a feature has a department of this name. */
const REVIEWER = 'reviewer'

/**
 * Who must have judged a commit: whoever reviews the author or what it touches, and whoever owns what it touches; never the author. One that
 * holds a veto and has objected stays until it approves, wherever the work has moved meanwhile.
 */
export function requiredReviewers(change: ReviewedChange): readonly Department[] {
  return change.departments.filter(({ name }) => name !== change.author).filter((department) => mustReview(department, change))
}

function mustReview(department: Department, { author, departments, paths, isCut, objected }: ReviewedChange): boolean {
  const { name, reviews, owns, hasVeto } = department
  if (name === REVIEWER || reviews.includes(author) || (hasVeto && objected.includes(name))) return true
  const names = new Set(departments.map((each) => each.name))
  const globs = reviews.filter((entry) => !names.has(entry))
  // Of paths that are not known each may be theirs.
  if (isCut && globs.length + owns.length > 0) return true
  return paths.some((path) => ownsPath(globs, path) || ownsPath(owns, path))
}
