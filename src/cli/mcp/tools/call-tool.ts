import type { Context } from '../../context.ts'
import { EXIT, renderError } from '../../failures.ts'
import { runInside } from '../../program/run-inside.ts'
import { argvOf } from './argv.ts'
import { boundedAnswer } from './bounded-answer.ts'
import { parseInput } from './parse-input.ts'
import type { Tool } from './tool.ts'

export interface ToolAnswer {
  readonly text: string
  readonly isError: boolean
}

/** Where a call stands: the folder, and in whose name. Failures when `repository` is not known. */
export type Site = (repository: string | undefined) => Promise<Context>

export interface Call {
  readonly site: Site
  readonly signal?: AbortSignal
  /** Each line that a long one says on its way. */
  readonly onNote?: (line: string) => void
}

/** Never throws: what went wrong is an answer too, which the model reads. */
export async function callTool(tool: Tool, given: unknown, { site, signal, onNote }: Call): Promise<ToolAnswer> {
  try {
    const { repository, ...input } = parseInput(tool, given)
    const argv = argvOf(tool, input)
    const context = await site(repository === undefined ? undefined : String(repository))
    const { exitCode, answers, notes } = await runInside(context, argv, { ...(signal && { signal }), ...(onNote && { onNote }) })
    const isError = exitCode !== EXIT.done && exitCode !== EXIT.needsHuman
    const said = isError || answers.trim() === '' ? [answers, notes].filter((part) => part.trim() !== '').join('') : answers
    return { text: boundedAnswer(said.trim() === '' ? 'Done.' : said.trimEnd(), tool, argv), isError }
  } catch (error) {
    return { text: renderError(error, ''), isError: true }
  }
}
