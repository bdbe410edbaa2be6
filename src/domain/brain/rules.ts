import { plainLine } from '../../foundation/text.ts'
import type { NamedLearning } from './learning.ts'

/** Lines that learnings propose for the rules of a repository. */
export interface RuleProposal {
  readonly rules: readonly { readonly rule: string; readonly name: string; readonly from?: string }[]
  /** The whole file with the rules in it. */
  readonly text: string
  /** As a unified diff; empty when there is nothing to propose. */
  readonly diff: string
}

const HEADING = '## Learned'
const AROUND = 3

/** Adds, below one heading, each rule that the file does not hold yet. Pure: a person applies it, or nobody. */
export function proposeRules(file: string, before: string, learnings: readonly NamedLearning[]): RuleProposal {
  const rules = newRules(before, learnings)
  if (rules.length === 0) return { rules, text: before, diff: '' }
  const lines = before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const heading = lines.findIndex((line) => line.trim() === HEADING)
  const at = heading < 0 ? lines.length : endOfSection(lines, heading)
  const added = [...(heading < 0 ? [...(lines.length > 0 ? [''] : []), HEADING, ''] : []), ...rules.map(({ rule }) => `- ${rule}`)]
  return { rules, text: `${[...lines.slice(0, at), ...added, ...lines.slice(at)].join('\n')}\n`, diff: diffOf(file, lines, at, added) }
}

function newRules(before: string, learnings: readonly NamedLearning[]): RuleProposal['rules'] {
  const known = new Set(before.split('\n').map(keyOf))
  return learnings.flatMap(({ name, learning: { rule: proposed, from } }) => {
    const rule = plainLine(proposed ?? '', Infinity).replace(/^(?:[-*+]|#+|>)\s+/, '')
    if (rule === '' || known.has(keyOf(rule))) return []
    known.add(keyOf(rule))
    return [{ rule, name, ...(from !== undefined && { from }) }]
  })
}

function keyOf(line: string): string {
  return line
    .replace(/^\s*(?:[-*+]|\d+\.)\s+/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** Behind the last line of the section that says something. */
function endOfSection(lines: readonly string[], heading: number): number {
  const next = lines.findIndex((line, at) => at > heading && /^#{1,2} /.test(line))
  let end = next < 0 ? lines.length : next
  while (end > heading + 1 && (lines[end - 1] ?? '').trim() === '') end -= 1
  return end
}

function diffOf(file: string, lines: readonly string[], at: number, added: readonly string[]): string {
  const before = lines.slice(Math.max(0, at - AROUND), at)
  const after = lines.slice(at, at + AROUND)
  const kept = before.length + after.length
  const start = kept === 0 ? 0 : at - before.length + 1
  return [
    lines.length === 0 ? '--- /dev/null' : `--- a/${file}`,
    `+++ b/${file}`,
    `@@ -${start},${kept} +${Math.max(1, start)},${kept + added.length} @@`,
    ...before.map((line) => ` ${line}`),
    ...added.map((line) => `+${line}`),
    ...after.map((line) => ` ${line}`),
    '',
  ].join('\n')
}
