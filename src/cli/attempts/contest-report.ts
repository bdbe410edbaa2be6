import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainLine } from '../../foundation/text.ts'
import type { ContestFacts } from '../../domain/attempts/contest-facts.ts'
import { contestsFolder } from '../../config/home.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { isContestFacts } from '../../protocol/task-status-check.ts'
import { money } from '../../protocol/urgency.ts'

/** What became of each task that several sessions tried. */
export interface ContestReport {
  readonly tasks: readonly ReportedTask[]
}

interface ReportedTask {
  readonly handle: string
  readonly title: string
  readonly createdAt: string
  readonly outcome: 'taken' | 'proposed' | 'open' | 'given-up'
  readonly costUsd: number
  readonly contest: ContestFacts
}

/** Of these tasks, and of those that were kept in their projects' folders when they ended. */
export function contestReport(home: string, tasks: readonly TaskStatus[]): ContestReport {
  const current = reportOf(tasks).tasks
  const known = new Set(current.map(keyOf))
  const kept = [...new Set(tasks.map(({ project }) => project))].flatMap((project) => keptReports(contestsFolder({ root: home }, project)))
  const all = [...current, ...kept.filter((each) => !known.has(keyOf(each)))]
  return { tasks: all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) }
}

/** Of these tasks alone. */
export function reportOf(tasks: readonly TaskStatus[]): ContestReport {
  return {
    tasks: tasks.flatMap(({ handle, title, createdAt, status, costUsd, contest }) =>
      contest === undefined ? [] : [{ handle, title, createdAt, costUsd, contest, outcome: outcomeOf(contest, status === 'Archived') }],
    ),
  }
}

export function reportLines({ tasks }: ContestReport): readonly string[] {
  if (tasks.length === 0) return ['no task was tried by several sessions yet: orch run --attempts 2']
  const count = (outcome: ReportedTask['outcome']): number => tasks.filter((task) => task.outcome === outcome).length
  const counts = (['taken', 'proposed', 'open', 'given-up'] as const).flatMap((outcome) =>
    count(outcome) === 0 ? [] : [`${count(outcome)} ${WORDS[outcome]}`],
  )
  const cost = tasks.reduce((sum, task) => sum + task.costUsd, 0)
  return [
    `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} tried side by side: ${counts.join(', ')} · ${money(cost)}`,
    ...tasks.flatMap((task) => [
      `${plainLine(task.handle)}: ${WORDS[task.outcome]}`,
      ...task.contest.attempts.map(
        ({ number, score, reason }) => `  ${number}  ${score === undefined ? '   –' : score.toFixed(2)}  ${plainLine(reason)}`,
      ),
      ...(task.outcome === 'proposed' ? [`  Next: orch merge ${plainLine(task.handle)}`] : []),
    ]),
  ]
}

const WORDS = { taken: 'taken', proposed: 'proposed', open: 'open', 'given-up': 'given up' } as const

function outcomeOf({ taken, proposed }: ContestFacts, isArchived: boolean): ReportedTask['outcome'] {
  if (taken !== undefined) return 'taken'
  if (isArchived) return 'given-up'
  return proposed === undefined ? 'open' : 'proposed'
}

function keyOf({ createdAt, handle }: ReportedTask): string {
  return `${createdAt} ${handle}`
}

/** A file that is torn or foreign costs its own line. */
function keptReports(folder: string): readonly ReportedTask[] {
  let names: readonly string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch {
    return []
  }
  return names.flatMap((name) => {
    try {
      const { handle, title, createdAt, costUsd, contest } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>
      if (typeof handle !== 'string' || typeof title !== 'string' || typeof createdAt !== 'string' || !isContestFacts(contest)) return []
      const cost = typeof costUsd === 'number' ? costUsd : 0
      return [{ handle, title, createdAt, costUsd: cost, contest, outcome: outcomeOf(contest, false) }]
    } catch {
      return []
    }
  })
}
