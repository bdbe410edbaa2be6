import type { ToolWrites } from '../../../domain/sessions/session-event.ts'

/** Undefined for tools that write no files; of those that are not known, nothing is known. */
export function writesOf(tool: string, input: Readonly<Record<string, unknown>>): ToolWrites | undefined {
  if (READERS.has(tool)) return undefined
  const file = WRITERS.has(tool) ? (input.file_path ?? input.notebook_path) : undefined
  return typeof file === 'string' && file !== '' ? { file } : 'anything'
}

const WRITERS = new Set(['Edit', 'MultiEdit', 'Write', 'NotebookEdit'])
const READERS = new Set([
  'Read',
  'Grep',
  'Glob',
  'LS',
  'WebFetch',
  'WebSearch',
  'TodoWrite',
  'TaskOutput',
  'BashOutput',
  'AskUserQuestion',
  'EnterPlanMode',
  'ExitPlanMode',
  'ToolSearch',
])
