import { commandLine } from '../../../foundation/shell.ts'
import type { Tool } from './tool.ts'

/** A fifth of what Claude Code takes from a tool: an answer is read again with every later request. */
const LONGEST = 16_000

/** Whole lines, as many as fit; what is left out is said, and how to see it. */
export function boundedAnswer(
  text: string,
  { keeps, longest = LONGEST }: Pick<Tool, 'keeps'> & { readonly longest?: number },
  argv: readonly string[],
): string {
  if (text.length <= longest) return text
  const lines = text.split('\n')
  const ordered = keeps === 'end' ? lines.toReversed() : lines
  const kept: string[] = []
  let room = longest
  for (const line of ordered) {
    room -= line.length + 1
    if (room < 0) break
    kept.push(line)
  }
  // One line that is too long by itself.
  if (kept.length === 0) kept.push((ordered[0] ?? '').slice(0, longest))
  const left = lines.length - kept.length
  const note = `[${left} of ${lines.length} lines left out; all: ${commandLine(['orch', ...argv])}]`
  return keeps === 'end' ? [note, ...kept.toReversed()].join('\n') : [...kept, note].join('\n')
}
