import type { Department } from './department.ts'

/** Each has a prompt of its own in the package. The last three are no sides of a feature: they begin it, end it, and look at it. */
export const BUILT_IN_DEPARTMENTS = ['frontend', 'backend', 'testing', 'security', 'devops', 'docs', 'foundation', 'integration'] as const

/** Prompt of the sessions that review another department's work. */
export const REVIEWER_PROMPT = 'reviewer'

export const PROMPT_NAMES: readonly string[] = [...BUILT_IN_DEPARTMENTS, REVIEWER_PROMPT]

/** What a department is that the configuration says nothing of; undefined where there is none of that name. */
export function builtInDepartment(name: string): Department | undefined {
  if (!BUILT_IN_DEPARTMENTS.some((known) => known === name)) return undefined
  return { name, owns: [], reviews: REVIEWS[name] ?? [], hasVeto: false }
}

/** Where the files of a repository lie cannot be known, so nothing is owned. */
const REVIEWS: Readonly<Record<string, readonly string[]>> = { security: ['**'] }

/** Over what is built in. */
export function departmentOf(name: string, said: Partial<Department>): Department {
  return { ...(builtInDepartment(name) ?? { name, owns: [], reviews: [], hasVeto: false }), ...said }
}
