import { readFile } from 'node:fs/promises'
import { PROMPT_NAMES } from '../../domain/features/built-in-departments.ts'

const FOLDER = new URL('../../../prompts/', import.meta.url)

/** For a department that has no prompt of its own. */
const GENERAL = 'feature'

/** The text of the prompt that is built in for this department, or for any that orch does not know. */
export async function builtInPrompt(name: string): Promise<string> {
  const known = PROMPT_NAMES.includes(name) ? name : GENERAL
  return readFile(new URL(`${known}.md`, FOLDER), 'utf8')
}
