import type { AgentQuestion } from '../domain/sessions/session-event.ts'
import { URGENCY } from '../domain/tasks/task-status.ts'
import { age, plainLine } from '../foundation/text.ts'
import { taskAbove, type TaskStatus } from './task-status.ts'

/** Most urgent first; of the same urgency the one that has been so for longest; the attempts at a task below it. */
export function byUrgency(tasks: readonly TaskStatus[]): readonly TaskStatus[] {
  const shown = new Set(tasks.map(({ handle }) => handle))
  const below = new Map<string, TaskStatus[]>()
  const above: TaskStatus[] = []
  for (const task of tasks) {
    const leader = taskAbove(task)
    if (leader === undefined || !shown.has(leader)) above.push(task)
    else below.set(leader, [...(below.get(leader) ?? []), task])
  }
  return mostUrgentFirst(above).flatMap((task) => {
    const inner = below.get(task.handle) ?? []
    return [task, ...inner.sort((a, b) => placeIn(task, a) - placeIn(task, b))]
  })
}

/** Attempts by number, parts as they begin. */
function placeIn({ feature }: TaskStatus, { attemptOf, partOf }: TaskStatus): number {
  return attemptOf?.number ?? feature?.parts.findIndex(({ department }) => department === partOf?.department) ?? 0
}

/** Each piece of work once: a task's attempts and parts count with it, but for one that asks a person something. */
export function countedOnce(tasks: readonly TaskStatus[]): readonly TaskStatus[] {
  return tasks.filter((task) => taskAbove(task) === undefined || isAsking(task))
}

function isAsking({ requests, partOf, status }: TaskStatus): boolean {
  return requests.length > 0 || (partOf !== undefined && status === 'Needs you')
}

function mostUrgentFirst(tasks: readonly TaskStatus[]): readonly TaskStatus[] {
  return [...tasks].sort(
    (a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status) || compare(a.since, b.since) || compare(a.handle, b.handle),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What attempts and parts cost is in the cost of their task. */
export function costOf(tasks: readonly TaskStatus[]): number {
  return tasks.filter((task) => taskAbove(task) === undefined).reduce((sum, task) => sum + task.costUsd, 0)
}

/** What one open request asks, as a question a person can answer. */
export function requestQuestion(request: Pick<TaskStatus['requests'][number], 'tool' | 'summary' | 'questions'>): string {
  const summary = plainLine(request.summary, 80)
  if (request.questions !== undefined) return questionLine(request.questions[0], summary)
  return request.tool === 'Bash' ? `may it run ${summary}?` : `may it use ${plainLine(request.tool, 30)}: ${summary}?`
}

function questionLine(question: AgentQuestion | undefined, summary: string): string {
  const options = question?.options.map(({ label }, at) => `${at + 1} ${plainLine(label, 30)}`) ?? []
  return options.length === 0 ? summary : `${summary} (${options.join(', ')})`
}

export function ageOf(iso: string, now: number): string {
  return Number.isNaN(Date.parse(iso)) ? '?' : age(elapsed(iso, now))
}

export function elapsed(iso: string, now: number): number {
  const at = Date.parse(iso)
  return Number.isNaN(at) ? 0 : now - at
}

export function money(usd: number): string {
  return `$${usd.toFixed(2)}`
}
