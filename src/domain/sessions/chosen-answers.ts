import type { AgentQuestion } from './session-event.ts'

/** A person may type an option's number, its label or the beginning of it, or words of their own; of several, with commas between them. */
export function chosenAnswers(questions: readonly AgentQuestion[], typed: readonly string[]): readonly string[] {
  return typed.map((text, at) => {
    const question = questions[at]
    if (question === undefined) return text.trim()
    if (!question.isMultiple) return optionOf(question, text)
    return text
      .split(',')
      .map((part) => optionOf(question, part))
      .join(', ')
  })
}

function optionOf({ options }: AgentQuestion, typed: string): string {
  const text = typed.trim()
  const words = text.toLowerCase()
  const byNumber = /^[1-9]\d?$/.test(text) ? options[Number(text) - 1] : undefined
  const exact = options.find(({ label }) => label.toLowerCase() === words)
  const begins = options.filter(({ label }) => words !== '' && label.toLowerCase().startsWith(words))
  const only = begins.length === 1 ? begins[0] : undefined
  return (exact ?? byNumber ?? only)?.label ?? text
}
