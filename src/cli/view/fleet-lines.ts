import { plainLine } from '../../foundation/text.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { taskAbove } from '../../protocol/task-status.ts'
import type { Styles } from '../styles.ts'
import { fit } from './fit.ts'
import { ageOf, byUrgency, costOf, money } from '../../protocol/urgency.ts'
import { styleStatus } from './urgency.ts'

/** The live view of a run: as many tasks as the terminal has room for, most urgent first, and how many are not shown. */
export function fleetLines(tasks: readonly TaskStatus[], view: { columns: number; rows: number; now: number; styles: Styles }): string {
  const sorted = byUrgency(tasks)
  const room = Math.max(3, view.rows - 4)
  const shown = sorted.slice(0, sorted.length > room ? room - 1 : room)
  const width = Math.min(30, Math.max(4, ...shown.map((task) => task.task.length)))
  const lines = shown.map((task) => {
    const name = plainLine(task.task, width).padEnd(width)
    const age = ageOf(task.since, view.now).padStart(AGE_WIDTH)
    const reason = fit(plainLine(task.reason), Math.max(10, view.columns - width - 10 - AGE_WIDTH - 7))
    return `${name}  ${styleStatus(view.styles, task.status, task.status.padEnd(10))}  ${age}  ${reason}`
  })
  const hidden = sorted.length - shown.length
  return [...lines, ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join('\n')
}

/** `59 min`. */
const AGE_WIDTH = 6

export function totals(all: readonly TaskStatus[]): string {
  const tasks = all.filter((task) => taskAbove(task) === undefined)
  const landed = tasks.filter((task) => task.status === 'Merged' || task.status === 'Archived').length
  return `${landed} of ${tasks.length} landed · ${money(costOf(tasks))}`
}

/** One line for one change, where there is no terminal to redraw. */
export function changeLine(task: TaskStatus): string {
  return `${plainLine(task.handle)}: ${task.status}: ${plainLine(task.reason)}${task.status === 'Needs you' && task.next !== undefined ? ` (${plainLine(task.next)})` : ''}`
}
