import type { BacklogProblem } from './backlog-problem.ts'
import { relation } from '../tasks/graph.ts'
import { compileClaims, literalPrefix, searchSharedPath } from './ownership.ts'
import type { BacklogTask } from '../tasks/task.ts'

/** A person mends a few and looks again; more would only scroll. */
const MOST_REPORTED = 50
/** Of the search over all pairs: some seconds. Ordinary backlogs take a few thousand. */
const MOST_STEPS = 2_000_000

/** Pending tasks that claim a common path although neither waits for the other, so that they may run at once. */
export function findOverlaps(tasks: readonly BacklogTask[]): BacklogProblem[] {
  const claiming = tasks
    .filter((task) => !task.isDone && task.owns.length > 0)
    .map((task) => ({ task, prefixes: positive(task.owns).map(literalPrefix), claims: once(() => compileClaims(task.owns)) }))
  if (claiming.length < 2) return []
  const isOrdered = relation(tasks)
  const problems: BacklogProblem[] = []
  const budget = { left: MOST_STEPS }
  for (const [index, first] of claiming.entries()) {
    for (let other = index + 1; other < claiming.length; other++) {
      const second = claiming[other]
      if (second === undefined || !mayMeet(first.prefixes, second.prefixes) || isOrdered(first.task.id, second.task.id)) continue
      const path = searchSharedPath(first.claims(), second.claims(), budget)
      if (budget.left < 0) return [...problems, tooMany(second.task)]
      if (path !== undefined) problems.push(overlap(first.task, second.task, path))
      if (problems.length >= MOST_REPORTED) return problems
    }
  }
  return problems
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function positive(globs: readonly string[]): string[] {
  return globs.filter((glob) => !glob.startsWith('!'))
}

/** Two globs whose literal beginnings part ways cannot match one path: this settles nearly all pairs without a search. */
function mayMeet(first: readonly string[], second: readonly string[]): boolean {
  return first.some((a) => second.some((b) => a.startsWith(b) || b.startsWith(a)))
}

function overlap(first: BacklogTask, second: BacklogTask, path: string): BacklogProblem {
  const example = path === '' ? '' : ` (for example ${path})`
  return {
    code: 'overlap',
    line: second.line,
    otherLines: [first.line],
    message: `"${second.id}" may run beside "${first.id}" (line ${first.line}) and both own the same files${example}; part the paths, or let one need the other`,
  }
}

function tooMany(task: BacklogTask): BacklogProblem {
  return {
    code: 'too-large',
    line: task.line,
    message: `the "owns" of this backlog take too long to compare; begin them with plain folder names`,
  }
}
