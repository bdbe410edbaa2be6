import * as v from 'valibot'
import type { AgentQuestion } from '../../../domain/sessions/session-event.ts'

const input = v.object({
  questions: v.array(
    v.object({
      question: v.string(),
      multiSelect: v.fallback(v.optional(v.boolean()), false),
      options: v.fallback(v.array(v.object({ label: v.string(), description: v.fallback(v.optional(v.string()), undefined) })), []),
    }),
  ),
})

/** What `AskUserQuestion` asks; empty for every other input. The texts are the model's own. */
export function questionsOf(value: unknown): readonly AgentQuestion[] {
  const parsed = v.safeParse(input, value)
  if (!parsed.success) return []
  return parsed.output.questions.map(({ question, multiSelect, options }) => ({
    text: question,
    isMultiple: multiSelect === true,
    options: options.map(({ label, description }) => ({ label, ...(description !== undefined && { description }) })),
  }))
}
