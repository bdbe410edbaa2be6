import { plainLine } from '../../foundation/text.ts'
import { URGENCY } from '../../domain/tasks/task-status.ts'
import type { Status } from '../../domain/tasks/task-status.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { byUrgency, costOf, countedOnce, money, requestQuestion } from '../../protocol/urgency.ts'

/** `app: 2 working · 1 needs you (api: may it run npm publish?) · 3 queued · $0.42`. */
export function statusLine(project: string, all: readonly TaskStatus[]): string {
  const tasks = countedOnce(all)
  const parts = LINE_ORDER.flatMap((status) => {
    const those = tasks.filter((task) => task.status === status)
    return those.length === 0 ? [] : [`${those.length} ${status.toLowerCase()}${status === 'Needs you' ? ` (${firstNeed(those)})` : ''}`]
  })
  const costUsd = costOf(all)
  return `${plainLine(project, 60)}: ${[...(parts.length === 0 ? ['no sessions'] : parts), money(costUsd)].join(' · ')}`
}

export function countByStatus(tasks: readonly TaskStatus[]): Readonly<Partial<Record<Status, number>>> {
  const counts: Partial<Record<Status, number>> = {}
  for (const task of countedOnce(tasks)) counts[task.status] = (counts[task.status] ?? 0) + 1
  return counts
}

/** What works stands first in a line that is read in passing; what needs a person follows with its question. */
const LINE_ORDER: readonly Status[] = ['Working', ...URGENCY.filter((status) => status !== 'Working' && status !== 'Archived')]

function firstNeed(tasks: readonly TaskStatus[]): string {
  const [first] = byUrgency(tasks)
  if (first === undefined) return ''
  const [request] = first.requests
  const more = tasks.length > 1 ? `, and ${tasks.length - 1} more` : ''
  return `${plainLine(first.task, 60)}: ${request === undefined ? plainLine(first.reason, 80) : requestQuestion(request)}${more}`
}
