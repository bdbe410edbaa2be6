import { plainLine } from '../../../foundation/text.ts'
import type { SessionEvent } from '../../../domain/sessions/session-event.ts'
import { writesOf } from './tool-writes.ts'

export function toolStarted(toolUseId: string, tool: string, input: Readonly<Record<string, unknown>>, at: number): SessionEvent {
  const writes = writesOf(tool, input)
  return { type: 'tool-started', at, toolUseId, tool, summary: summarizeTool(tool, input), ...(writes !== undefined && { writes }) }
}

/** One line a person can decide on. The input is the model's own text: made safe for a terminal here. */
export function summarizeTool(tool: string, input: Readonly<Record<string, unknown>>): string {
  const told = tellingFields.map((field) => input[field]).find((value) => typeof value === 'string' && value.trim() !== '')
  if (typeof told === 'string') return plainLine(told)
  const questions = questionsOf(input)
  if (questions !== '') return plainLine(questions)
  const rest = JSON.stringify(input)
  return rest === '{}' ? tool : plainLine(rest)
}

const tellingFields = ['command', 'file_path', 'notebook_path', 'url', 'query', 'pattern', 'plan', 'skill', 'description']

function questionsOf(input: Readonly<Record<string, unknown>>): string {
  const questions: unknown = input.questions
  if (!Array.isArray(questions)) return ''
  return questions.flatMap((one: unknown) => (isAsked(one) ? [one.question] : [])).join(' · ')
}

function isAsked(value: unknown): value is { question: string } {
  return typeof value === 'object' && value !== null && 'question' in value && typeof value.question === 'string'
}
