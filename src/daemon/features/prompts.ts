import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { REVIEWER_PROMPT } from '../../domain/features/built-in-departments.ts'
import type { Department } from '../../domain/features/department.ts'
import { PROMPT_VARIABLES, promptProblem, REVIEW_VARIABLES, type PromptVariable } from '../../domain/features/prompt-template.ts'
import { builtInPrompt } from '../../config/prompts/built-in-prompts.ts'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { loadForeignText } from '../../platform/foreign-files.ts'

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
  const text = await loadInside(root, path)
  if (text === undefined)
    throw new Failure('no-prompt', `the prompt of "${department}" could not be read: ${plainLine(path)} is no file of the repository`, {
      safe: 'nothing was started',
      next: `\`orch init --departments\` writes the built-in prompts to edit; or mend \`prompt\` of ${department} in orch.yaml`,
    })
  const problem = text.length > LONGEST ? `it has more than ${LONGEST} characters` : promptProblem(text, known)
  if (problem === undefined) return text
  throw new Failure('bad-prompt', `${plainLine(path)}, the prompt of "${department}": ${problem}`, {
    safe: 'nothing was started',
    next: 'docs/guide/features.md names every variable',
  })
}

/** The repository may hold links, also ones that an agent has landed: what they lead to outside of it would be told to a model. */
async function loadInside(root: string, path: string): Promise<string | undefined> {
  const [real, own] = await Promise.all([realpath(join(root, path)), realpath(root)]).catch(() => [])
  if (real === undefined || !real.startsWith(`${own}${sep}`)) return undefined
  return (await loadForeignText(real, 4 * LONGEST + 1))?.text
}
