import Table from 'cli-table3'
import stringWidth from 'string-width'
import { basename } from 'node:path'
import { plainLine } from '../../foundation/text.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { taskAbove } from '../../protocol/task-status.ts'
import { fit } from './fit.ts'
import type { Styles } from '../styles.ts'
import { ageOf, byUrgency, money } from '../../protocol/urgency.ts'
import { flagsOf, flagWords, styleStatus } from './urgency.ts'
import type { Warnings } from './urgency.ts'

const COLUMNS = ['#', 'Worktree', 'Branch', 'Last commit', 'Status', 'Uncommitted', 'Cost'] as const
/** Under this many columns a table cannot be read, so every session becomes two lines. */
const NARROW = 100

export interface MonitorView {
  readonly columns: number
  readonly now: number
  readonly styles: Styles
  readonly warnings: Warnings
}

/** The table of sessions, most urgent first, never wider than the terminal. */
export function monitorTable(tasks: readonly TaskStatus[], view: MonitorView): string {
  const sorted = byUrgency(tasks)
  return view.columns < NARROW ? folded(sorted, view) : bordered(sorted, view)
}

function bordered(tasks: readonly TaskStatus[], view: MonitorView): string {
  // A column that says nothing takes room from those that do.
  const head = tasks.some(({ overlaps = [] }) => overlaps.length > 0) ? [...COLUMNS, 'Overlaps'] : COLUMNS
  const rows = tasks.map((task, index) => cellsOf(task, index, view).slice(0, head.length))
  const widths = fitWidths(head, rows, view.columns)
  const table = new Table({
    head: head.map((word) => view.styles.bold(word)),
    style: { head: [], border: [], compact: true },
    colAligns: ['right', 'left', 'left', 'left', 'left', 'right', 'right'],
  })
  rows.forEach((cells, index) => {
    const task = tasks[index]
    table.push(
      cells.map((lines, column) =>
        lines
          .map((line) => {
            const text = fit(line, widths[column] ?? 1)
            return column === 4 && task !== undefined ? styleStatus(view.styles, task.status, text) : text
          })
          .join('\n'),
      ),
    )
  })
  return table.toString()
}

type Cells = readonly (readonly string[])[]

/** Each cell as lines; flags are words on a line of their own below the status. */
function cellsOf(task: TaskStatus, index: number, { now, warnings }: MonitorView): Cells {
  const commit = task.lastCommit
  return [
    [String(index + 1)],
    [worktreeName(task)],
    [plainLine(task.branch)],
    [commit === undefined ? '–' : `${ageOf(commit.at, now)} ago · ${plainLine(commit.subject)}`],
    [statusWords(task, now), ...flagsOf(task, now, warnings).map((flag) => `! ${flagWords(flag, warnings)}`)],
    [uncommittedWords(task)],
    [money(task.costUsd)],
    [overlapWords(task)],
  ]
}

/** With whom it would conflict: `⇄ api, web`. */
function overlapWords({ overlaps = [] }: TaskStatus): string {
  const shown = overlaps.slice(0, 3).map(({ with: name, isTarget }) => plainLine(isTarget ? name : name.slice(name.indexOf('.') + 1), 30))
  const more = overlaps.length - shown.length
  return shown.length === 0 ? '–' : `⇄ ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`
}

function uncommittedWords({ worktree, uncommitted }: TaskStatus): string {
  if (worktree !== undefined && uncommitted === undefined) return '?'
  return uncommitted ? `${uncommitted} ${uncommitted === 1 ? 'file' : 'files'}` : '–'
}

function statusWords(task: TaskStatus, now: number): string {
  return `${task.status} ${ageOf(task.since, now)} (${plainLine(task.source, 12)})`
}

function worktreeName(task: TaskStatus): string {
  const name = plainLine(task.worktree === undefined ? `${task.task} (no worktree)` : basename(task.worktree))
  return taskAbove(task) === undefined ? name : `↳ ${name}`
}

/** Free text gives way first: worktree, branch and commit shrink, widest first, until the table fits. */
function fitWidths(head: readonly string[], rows: readonly Cells[], columns: number): readonly number[] {
  const widths = head.map((word, column) =>
    Math.max(stringWidth(word), ...rows.map((cells) => Math.max(...(cells[column] ?? []).map((line) => stringWidth(line))))),
  )
  const frame = head.length * 3 + 1
  const flexible = [1, 2, 3, ...(head.length > COLUMNS.length ? [COLUMNS.length] : [])]
  const least = 10
  for (let over = widths.reduce((sum, width) => sum + width, frame) - columns; over > 0; over -= 1) {
    const widest = flexible.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a))
    if ((widths[widest] ?? 0) <= least) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/** Two lines each, so that a small terminal shows many; the free text stands last, where it is cut. */
function folded(tasks: readonly TaskStatus[], view: MonitorView): string {
  return tasks
    .map((task, index) => {
      const [, , [branch = ''] = [], [commit = ''] = [], , [uncommitted = ''] = [], [cost = ''] = []] = cellsOf(task, index, view)
      const facts = [fit(branch, Math.floor(view.columns / 2)), cost, ...(task.uncommitted ? [`${uncommitted} uncommitted`] : [])]
      const flags = flagsOf(task, view.now, view.warnings).map((flag) => `   ! ${flagWords(flag, view.warnings)}`)
      if (task.overlaps !== undefined) facts.push(overlapWords(task))
      if (task.lastCommit !== undefined) facts.push(commit)
      const title = fit(`${index + 1}. ${worktreeName(task)}: ${statusWords(task, view.now)}`, view.columns)
      const lines = [`   ${facts.join(' · ')}`, ...flags].map((line) => fit(line, view.columns))
      return [styleStatus(view.styles, task.status, title), ...lines].join('\n')
    })
    .join('\n')
}
