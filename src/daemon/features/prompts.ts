import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { REVIEWER_PROMPT } from '../../domain/features/built-in-departments.ts'
import type { Department } from '../../domain/features/department.ts'
import { PROMPT_VARIABLES, promptProblem, REVIEW_VARIABLES, type PromptVariable } from '../../domain/features/prompt-template.ts'
import { builtInPrompt } from '../../config/prompts/built-in-prompts.ts'
import { Failure } from '../../foundation/failure.ts'

const LONGEST = 100_000
const ALL = Object.keys(PROMPT_VARIABLES) as readonly PromptVariable[]
const OF_WORK = ALL.filter((name) => !REVIEW_VARIABLES.includes(name))

/** The department's own template, else the built-in one. Failures: `no-prompt`, `bad-prompt`. */
export function loadPrompt(root: string, { name, prompt }: Department): Promise<string> {
  return prompt === undefined ? builtInPrompt(name) : loadOwn(root, prompt, name, OF_WORK)
}

/** Of the sessions that review; `reviewer` under `departments:` may name another than the built-in one. */
export function loadReviewerPrompt(root: string, configured: readonly Department[]): Promise<string> {
  const own = configured.find(({ name }) => name === REVIEWER_PROMPT)?.prompt
  return own === undefined ? builtInPrompt(REVIEWER_PROMPT) : loadOwn(root, own, REVIEWER_PROMPT, ALL)
}

async function loadOwn(root: string, path: string, department: string, known: readonly PromptVariable[]): Promise<string> {
  const text = await readFile(join(root, path), 'utf8').catch((cause: unknown) => {
    throw new Failure('no-prompt', `the prompt of "${department}" could not be read: ${path}`, {
      cause,
      safe: 'nothing was started',
      next: `\`orch init --departments\` writes the built-in prompts to edit; or mend \`prompt\` of ${department} in orch.yaml`,
    })
  })
  const problem = text.length > LONGEST ? `it has more than ${LONGEST} characters` : promptProblem(text, known)
  if (problem === undefined) return text
  throw new Failure('bad-prompt', `${path}, the prompt of "${department}": ${problem}`, {
    safe: 'nothing was started',
    next: 'docs/guide/features.md names every variable',
  })
}
