import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { BoardMessage } from './message.ts'

/** What is told of a decision where many are told. */
export type DecisionLine = { readonly id: string; readonly text: string }

/** One short line each, oldest first. */
export function decisionLines(decisions: readonly BoardMessage[]): DecisionLine[] {
  return decisions.map(({ id, text, because }) => {
    const why = because === undefined ? '' : ` (because ${plainLine(because, LONGEST_REASON)})`
    return { id, text: `- ${id}: ${plainLine(plainBlock(text), LONGEST_DECISION)}${why}` }
  })
}

/** Bounded: where there are more, the newest are told. Undefined when there are none. */
export function decisionText(lines: readonly DecisionLine[], most = LONGEST_TEXT): string | undefined {
  const kept: string[] = []
  let length = 0
  for (const { text } of lines.toReversed()) {
    length += text.length + 1
    if (length > most) break
    kept.unshift(text)
  }
  if (kept.length === 0) return undefined
  const left = lines.length - kept.length
  const older = left > 0 ? [`- … and ${left} older: \`orch board --decisions\` shows them.`] : []
  return ['Decisions in force; keep to them:', ...older, ...kept].join('\n')
}

const LONGEST_DECISION = 300
const LONGEST_REASON = 120
const LONGEST_TEXT = 4000
