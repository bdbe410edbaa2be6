import type { AgentQuestion } from '../domain/sessions/session-event.ts'
import { plainLine } from '../foundation/text.ts'
import type { TaskRequestShown } from './task-status.ts'

/** What one open request asks, as a question a person can answer. */
export function requestQuestion(request: Pick<TaskRequestShown, 'tool' | 'summary' | 'questions'>): string {
  const summary = plainLine(request.summary, 80)
  if (request.questions !== undefined) return questionLine(request.questions[0], summary)
  return request.tool === 'Bash' ? `may it run ${summary}?` : `may it use ${plainLine(request.tool, 30)}: ${summary}?`
}

function questionLine(question: AgentQuestion | undefined, summary: string): string {
  const options = question?.options.map(({ label }, at) => `${at + 1} ${plainLine(label, 30)}`) ?? []
  return options.length === 0 ? summary : `${summary} (${options.join(', ')})`
}
