import { age, plainLine } from '../../foundation/text.ts'
import type { AttemptFacts } from '../../domain/attempts/contest-facts.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Channel } from '../output.ts'
import { fit } from '../view/fit.ts'
import { money } from '../../protocol/urgency.ts'

/** One attempt beside the others: what its contest knows of it, and how it stands at this moment. */
export interface AttemptRow extends AttemptFacts {
  readonly status: TaskStatus['status'] | 'Not begun'
  readonly worktree?: string
  readonly isProposed: boolean
  readonly isTaken: boolean
}

export function attemptRows(task: TaskStatus, all: readonly TaskStatus[]): readonly AttemptRow[] {
  const { attempts = [], proposed, taken } = task.contest ?? {}
  return attempts.map((facts) => {
    const now = all.find(({ handle, attemptOf }) => handle === facts.handle && attemptOf?.task === task.handle)
    const isOver = taken !== undefined
    return {
      ...facts,
      ...(now !== undefined && { costUsd: now.costUsd }),
      // While it works its own status says more than its task knows.
      ...(now !== undefined && !isOver && facts.standing === 'working' && { reason: now.reason }),
      ...(now?.worktree !== undefined && now.status !== 'Archived' && { worktree: now.worktree }),
      status: now?.status ?? 'Not begun',
      isProposed: facts.number === proposed,
      isTaken: facts.number === taken,
    }
  })
}

const HEAD = ['', '#', 'status', 'score', 'lines', 'files', 'cost', 'time', 'model'] as const

/** The task in one line, a line for each attempt, and what may be typed. */
export function attemptLines(task: TaskStatus, rows: readonly AttemptRow[], { columns }: Pick<Channel, 'columns'>): readonly string[] {
  const cells = rows.map(cellsOf)
  const widths = HEAD.map((word, at) => Math.max(word.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')
  const title = `${plainLine(task.handle)}: ${task.status}: ${plainLine(task.reason, 400)}`
  const table = rows.map((row, at) => fit(`${line(cells[at] ?? [])}  ${plainLine(row.reason)}`, Math.max(60, columns)).trimEnd())
  return [title, `${line(HEAD)}  why`.trimEnd(), ...table, ...nextLines(task, rows)]
}

function cellsOf(row: AttemptRow): readonly string[] {
  const number = (value: number | undefined): string => (value === undefined ? '–' : String(value))
  return [
    row.isTaken ? '✓' : row.isProposed ? '→' : ' ',
    String(row.number),
    row.isTaken ? 'taken' : row.standing === 'ready' ? 'finished' : row.standing === 'stuck' ? 'unfinished' : plainLine(row.status),
    row.score === undefined ? '–' : row.score.toFixed(2),
    number(row.lines),
    number(row.files),
    row.costUsd === undefined ? '–' : money(row.costUsd),
    row.elapsedMs === undefined ? '–' : age(row.elapsedMs),
    plainLine(row.model ?? '–', 30),
  ]
}

function nextLines(task: TaskStatus, rows: readonly AttemptRow[]): readonly string[] {
  if (task.contest?.taken !== undefined) return []
  const name = plainLine(task.handle)
  const take = `orch attempts ${name} --take N`
  return [rows.some((row) => row.isProposed) ? `Next: orch merge ${name}   or   ${take}` : `Next: ${take} takes one that has finished`]
}
