import { nearest } from '../../foundation/suggestion.ts'

/** What a department's prompt may name between double braces, and what stands there then. */
export const PROMPT_VARIABLES = {
  feature: 'the short name of the feature',
  task: 'what is wanted, as the person wrote it',
  department: 'whose prompt it is',
  owns: 'what the department may change, one glob a line',
  reviews: 'whose work and which files it reviews, one a line',
  colleagues: 'the other departments and what they own, one a line',
  contracts: 'the shared files with their owner, one a line',
  branch: 'its branch',
  target: 'where the feature lands',
  validate: 'the command that must pass',
  author: 'of a review: whose work it is',
  base: 'of a review: the commit that the work started from',
  commit: 'of a review: the commit that is reviewed',
} as const

export type PromptVariable = keyof typeof PROMPT_VARIABLES

/** Of a review only. */
export const REVIEW_VARIABLES: readonly PromptVariable[] = ['author', 'base', 'commit']

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g

/** Why a template cannot be used, or undefined. `known`: the variables that it may name. */
export function promptProblem(template: string, known: readonly PromptVariable[]): string | undefined {
  for (const [, name = ''] of template.matchAll(PLACE)) {
    if (known.some((variable) => variable === name)) continue
    const meant = nearest(name, known)
    return `{{${name}}} is no variable${meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean {{${meant}}}?`}`
  }
  return undefined
}

/** Values are put in as they are and not looked at again: a person's text may hold braces. */
export function fillPrompt(template: string, values: Readonly<Partial<Record<PromptVariable, string>>>): string {
  return template
    .replace(PLACE, (place, name: string) => (Object.hasOwn(values, name) ? (values[name as PromptVariable] ?? place) : place))
    .trim()
}
