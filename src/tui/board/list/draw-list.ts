import { plainLine } from '../../../foundation/text.ts'
import type { TaskStatus } from '../../../protocol/task-status.ts'
import { money } from '../../../protocol/urgency.ts'
import type { Size } from '../../terminal/screen.ts'
import { fitLine, lineOf, type Line, type Span, widthOf } from '../../text/line.ts'
import { visibleText } from '../../text/visible.ts'
import type { AgeClock } from './age-clock.ts'
import type { FleetRow } from './fleet-rows.ts'
import { SIGNS } from './signs.ts'

export interface ListView {
  readonly rows: readonly FleetRow[]
  readonly selected: string | undefined
  readonly clock: AgeClock
  /** The first row that is shown; what is drawn may begin elsewhere, so that the selected one is seen. */
  readonly top: number
  /** Whether handles are short: there is one project. */
  readonly isOneProject: boolean
}

export interface DrawnList {
  readonly lines: readonly Line[]
  readonly top: number
  /** By line: the task that stands there. */
  readonly handles: readonly (string | undefined)[]
}

/** One line a task, two where there is room for all; below the selected one always its branch and reason. */
export function drawList(view: ListView, size: Size): DrawnList {
  const isRoomy = view.rows.reduce((sum, row) => sum + (row.kind === 'task' ? 2 : 1), 0) <= size.rows
  const height = (row: FleetRow | undefined): number => (row?.kind === 'task' && (isRoomy || row.task.handle === view.selected) ? 2 : 1)
  const at = view.rows.findIndex((row) => row.kind === 'task' && row.task.handle === view.selected)
  const top = topRow(view.rows, Math.max(0, at), view.top, size.rows, height)
  const lines: Line[] = []
  const handles: (string | undefined)[] = []
  for (let row = top; row < view.rows.length && lines.length < size.rows; row += 1) {
    const drawn = drawRow(view, view.rows[row], size.columns, height(view.rows[row])).slice(0, size.rows - lines.length)
    lines.push(...drawn)
    const shown = view.rows[row]
    handles.push(...drawn.map(() => (shown?.kind === 'task' ? shown.task.handle : undefined)))
  }
  return { lines, top, handles }
}

/** The nearest to where it was from which the selected row is seen whole. */
function topRow(
  rows: readonly FleetRow[],
  at: number,
  before: number,
  room: number,
  height: (row: FleetRow | undefined) => number,
): number {
  // The heading of the first group is seen with its first task.
  let top = Math.min(before, at === 1 ? 0 : at)
  // What stands below the last task cannot be selected: it is seen with it.
  const isLast = rows.findLastIndex(({ kind }) => kind === 'task') === at
  let taken = isLast ? Math.min(rows.length - 1 - at, Math.max(0, room - 2)) : 0
  let least = at
  for (; least >= 0; least -= 1) {
    taken += height(rows[least])
    if (taken > room) break
  }
  top = Math.max(top, least + 1)
  let below = 0
  for (let row = rows.length - 1; row >= 0 && below + height(rows[row]) <= room; row -= 1) {
    below += height(rows[row])
    if (row < top) top = row
  }
  return Math.max(0, top)
}

function drawRow(view: ListView, row: FleetRow | undefined, columns: number, height: number): readonly Line[] {
  if (row === undefined) return []
  if (row.kind === 'group')
    return [
      fitLine(
        [
          { text: row.status, tone: 'heading' },
          { text: ` ${row.count}`, tone: 'faint' },
        ],
        columns,
      ),
    ]
  if (row.kind === 'apart') return [fitLine(lineOf(' '.repeat(row.indent) + visibleText(plainLine(row.text)), 'faint'), columns)]
  const { task } = row
  const isSelected = task.handle === view.selected
  const lines = [firstLine(view, row, columns, isSelected), fitLine(secondLine(row), columns)]
  return lines.slice(0, height)
}

function firstLine(view: ListView, row: FleetRow & { kind: 'task' }, columns: number, isSelected: boolean): Line {
  const { task, number, isInner } = row
  const [sign, tone] = SIGNS[task.status]
  const name = plainLine(view.isOneProject ? task.task : task.handle, 80)
  const right: Line = [
    ...marks(task),
    { text: ` ${view.clock.of(task.since).padStart(6)} ${money(task.costUsd).padStart(7)}`, tone: 'faint' },
  ]
  const left: Line = [
    { text: `${isSelected ? '▸' : ' '}${number < 10 ? number : ' '} `, tone: isSelected ? 'key' : 'faint' },
    { text: isInner ? '└ ' : '' },
    { text: sign, tone },
    { text: ' ' },
    { text: visibleText(name), tone: isSelected ? 'strong' : undefined, isMarked: isSelected },
  ]
  const room = Math.max(8, columns - widthOf(right) - 1)
  return fitLine([...fitLine(left, room), { text: ' ' }, ...right], columns)
}

/** What is not committed, with whom it overlaps, how many attempts there are, that it was begun again. */
function marks({ uncommitted = 0, overlaps = [], contest, attempt }: TaskStatus): readonly Span[] {
  return [
    ...(uncommitted > 0 ? [{ text: ` ±${uncommitted}` }] : []),
    ...(overlaps.length > 0 ? [{ text: ` ⇄${overlaps.length}`, tone: 'warning' as const }] : []),
    ...(contest === undefined ? [] : [{ text: ` ×${contest.attempts.length}` }]),
    ...(attempt > 1 ? [{ text: ` ↻${attempt}` }] : []),
  ]
}

function secondLine({ task, isInner }: FleetRow & { kind: 'task' }): Line {
  const indent = ' '.repeat(isInner ? 7 : 5)
  return [
    ...lineOf(`${indent}${visibleText(plainLine(task.reason))}`),
    { text: ` · ${visibleText(plainLine(task.branch, 80))}`, tone: 'faint' },
  ]
}
