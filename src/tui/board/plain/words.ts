import { plainBlock, plainLine } from '../../../foundation/text.ts'
import { type Status, URGENCY } from '../../../domain/tasks/task-status.ts'
import type { InboxItem } from '../../../domain/gates/inbox-item.ts'
import { taskAbove, type TaskStatus } from '../../../protocol/task-status.ts'
import { ageOf, byUrgency, costOf, countedOnce, money } from '../../../protocol/urgency.ts'
import { visibleText } from '../../text/visible.ts'
import type { Fleet } from '../desk.ts'
import type { Saying } from '../preview/saying.ts'

/** `1 needs you, 2 working, 1 review; 2.42 dollars.` */
export function countsWords({ tasks }: Fleet): string {
  const counted = countedOnce(tasks)
  const counts = URGENCY.filter((status) => status !== 'Archived').flatMap((status) => {
    const count = counted.filter((task) => task.status === status).length
    return count === 0 ? [] : [`${count} ${status.toLowerCase()}`]
  })
  return `${counts.length === 0 ? 'no sessions' : counts.join(', ')}; ${money(costOf(tasks))}.`
}

/** Those that are not over, most urgent first: their numbers are their places. */
export function listed(tasks: readonly TaskStatus[]): readonly TaskStatus[] {
  return byUrgency(tasks.filter(({ status }) => status !== 'Merged' && status !== 'Archived'))
}

/** All that the board's row says, in one line. */
export function taskWords(task: TaskStatus, now: number): string {
  const { status, since, reason, branch, costUsd, uncommitted = 0, overlaps = [], contest, attempt } = task
  const above = taskAbove(task)
  const facts = [
    ...(above === undefined ? [] : [`below ${above}`]),
    `branch ${branch}`,
    money(costUsd),
    ...(uncommitted > 0 ? [`${uncommitted} uncommitted`] : []),
    ...(overlaps.length > 0 ? [`overlaps ${overlaps.map((overlap) => overlap.with).join(', ')}`] : []),
    ...(contest === undefined ? [] : [`${contest.attempts.length} attempts`]),
    ...(attempt > 1 ? [`begun again, conversation ${attempt}`] : []),
  ]
  return safe(`${task.handle}: ${statusWords(status)} for ${ageOf(since, now)}: ${reason}. ${facts.join(', ')}.`)
}

/** What has become of it. */
export function changeWords({ handle, status, reason }: TaskStatus): string {
  return safe(`${handle}: ${statusWords(status)}: ${reason}`)
}

export function waitingWords({ who, text, what, options = [], next }: InboxItem): readonly string[] {
  const lines = plainBlock(text === '' ? what : text).split('\n')
  return [
    `${safe(who)} waits for you: ${visibleText(lines[0] ?? '')}`,
    ...lines.slice(1).map((line) => visibleText(line)),
    ...options.map((option, at) => `choice ${at + 1}: ${safe(option)}`),
    `type: ${safe(next)}`,
  ]
}

export function sayingWords({ kind, text }: Saying): readonly string[] {
  const [first = '', ...more] = plainBlock(text).split('\n')
  const says = kind === 'text' ? 'says' : kind.replaceAll('-', ' ')
  return [`${safe(says)}: ${visibleText(first)}`, ...more.map((line) => visibleText(line))]
}

function statusWords(status: Status): string {
  return status.toLowerCase()
}

function safe(text: string): string {
  return visibleText(plainLine(text, 500))
}
