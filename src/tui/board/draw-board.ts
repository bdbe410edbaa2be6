import { plainLine } from '../../foundation/text.ts'
import { type Status, URGENCY } from '../../domain/tasks/task-status.ts'
import { costOf, countedOnce, money } from '../../protocol/urgency.ts'
import type { Size } from '../terminal/screen.ts'
import { fitLine, lineOf, type Line, type Span, textWidth, widthOf } from '../text/line.ts'
import { visibleText } from '../text/visible.ts'
import type { Fleet } from './desk.ts'
import type { Dialog } from './dialogs/dialog.ts'
import { FOOTERS } from './key-table.ts'
import { drawList, type DrawnList, type ListView } from './list/draw-list.ts'
import { SIGNS } from './list/signs.ts'
import { drawPreview, type PreviewView } from './preview/draw-preview.ts'

const LEAST: Size = { columns: 60, rows: 15 }
/** From so many columns on the preview stands beside the list, from so many rows on below it. */
const WIDE = 110
const HIGH = 24

export interface BoardPicture {
  readonly fleet: Fleet
  readonly list: ListView
  readonly preview: PreviewView
  /** What the person has said about a preview beside the list; undefined: where there is room. */
  readonly isPeeking: boolean | undefined
  readonly dialog: Dialog | undefined
  readonly notice: string
  readonly filter: string
}

export interface DrawnBoard {
  readonly lines: readonly Line[]
  readonly isPreviewShown: boolean
  /** Undefined where no list is shown. */
  readonly list: { readonly drawn: DrawnList; readonly row: number; readonly columns: number; readonly rows: number } | undefined
}

/** Counts, the list with the preview, what is asked or said, the keys. */
export function drawBoard(picture: BoardPicture, size: Size): DrawnBoard {
  const { columns, rows } = size
  if (columns < LEAST.columns || rows < LEAST.rows) return { lines: tooSmall(size), list: undefined, isPreviewShown: false }
  const { dialog } = picture
  if (dialog?.place === 'whole') return { lines: dialog.draw(size).slice(0, rows), list: undefined, isPreviewShown: false }
  const box = dialog?.place === 'box' ? dialog.draw({ columns, rows: rows - 6 }).slice(0, rows - 6) : []
  const body = { columns, rows: rows - 4 - box.length }
  const { lines, list, isPreviewShown = false } = drawBody(picture, body)
  return {
    lines: [
      countsLine(picture, columns),
      ruleLine(columns),
      ...Array.from({ length: body.rows }, (_, at) => lines[at] ?? []),
      ...box,
      bottomLine(picture, columns),
      fitLine(lineOf(keysBelow(picture, columns), 'faint'), columns),
    ],
    isPreviewShown,
    list: list && { drawn: list.drawn, columns: list.columns, rows: list.rows, row: 2 },
  }
}

/** A dialog says its own keys. */
function keysBelow({ dialog, preview }: BoardPicture, columns: number): string {
  return dialog !== undefined ? '' : footer(preview.isOpen ? FOOTERS.preview : FOOTERS.list, columns)
}

interface Body {
  readonly lines: readonly Line[]
  readonly isPreviewShown?: boolean
  readonly list?: { readonly drawn: DrawnList; readonly columns: number; readonly rows: number }
}

function drawBody({ list, preview, isPeeking, fleet }: BoardPicture, { columns, rows }: Size): Body {
  if (preview.isOpen) return { lines: drawPreview(preview, { columns, rows }), isPreviewShown: true }
  if (!list.rows.some(({ kind }) => kind === 'task'))
    return { lines: [...emptyLines(fleet), [], ...drawList(list, { columns, rows: rows - 3 }).lines] }
  if (columns >= WIDE && isPeeking !== false) return sideBySide(list, preview, { columns, rows })
  const isBelow = columns < WIDE && (isPeeking ?? rows + 4 >= HIGH)
  if (!isBelow) {
    const drawn = drawList(list, { columns, rows })
    return { lines: drawn.lines, list: { drawn, columns, rows } }
  }
  const above = Math.ceil(rows * 0.45)
  const drawn = drawList(list, { columns, rows: above })
  const filled = Array.from({ length: above }, (_, at) => drawn.lines[at] ?? [])
  return {
    lines: [...filled, ruleLine(columns), ...drawPreview(preview, { columns, rows: rows - above - 1 })],
    list: { drawn, columns, rows: above },
    isPreviewShown: true,
  }
}

function sideBySide(list: ListView, preview: PreviewView, { columns, rows }: Size): Body {
  const left = Math.min(80, Math.floor(columns * 0.45))
  const drawn = drawList(list, { columns: left, rows })
  const right = drawPreview(preview, { columns: columns - left - 3, rows })
  const lines = Array.from({ length: rows }, (_, at): Line => [
    ...fitLine(drawn.lines[at] ?? [], left),
    { text: ' │ ', tone: 'faint', column: left },
    ...(right[at] ?? []),
  ])
  return { lines, list: { drawn, columns: left, rows }, isPreviewShown: true }
}

/** With the names of the statuses where there is room; that of the first always. */
function countsLine({ fleet, filter }: BoardPicture, columns: number): Line {
  const counts = countsOf(fleet)
  const line = (isShort: boolean): Line => [
    { text: 'orch', tone: 'strong' },
    ...(filter === '' ? [] : [{ text: ` · only "${visibleText(filter)}"`, tone: 'warning' as const }]),
    ...(counts.length === 0 ? [{ text: ' · no sessions' }] : counts.flatMap((count) => countSpans(count, isShort))),
    { text: ` · ${money(costOf(fleet.tasks))}` },
  ]
  const whole = line(false)
  return fitLine(widthOf(whole) <= columns ? whole : line(true), columns)
}

type Count = readonly [status: Status, count: number]

function countsOf({ tasks }: Fleet): readonly Count[] {
  const counted = countedOnce(tasks)
  return URGENCY.filter((status) => status !== 'Archived')
    .map((status): Count => [status, counted.filter((task) => task.status === status).length])
    .filter(([, count]) => count > 0)
}

function countSpans([status, count]: Count, isShort: boolean): readonly Span[] {
  const [sign, tone] = SIGNS[status]
  const name = isShort && status !== 'Needs you' ? '' : ` ${status.toLowerCase()}`
  return [{ text: ' · ' }, { text: `${sign} ${count}${name}`, tone }]
}

function footer(candidates: readonly string[], columns: number): string {
  return candidates.find((words) => textWidth(words) <= columns) ?? candidates.at(-1) ?? ''
}

function emptyLines({ tasks }: Fleet): readonly Line[] {
  if (tasks.length > 0) return [lineOf('No task is like this. / changes the filter, A shows also what is over.', 'faint')]
  return [lineOf('No sessions here.'), lineOf('n starts one; `orch run` starts the tasks of your backlog.', 'faint')]
}

function bottomLine({ notice, fleet }: BoardPicture, columns: number): Line {
  if (notice !== '') return fitLine(lineOf(visibleText(plainLine(notice, 400)), 'warning'), columns)
  if (fleet.outage !== undefined)
    return fitLine(
      [
        { text: '✗ ', tone: 'bad' },
        { text: visibleText(plainLine(fleet.outage, 400)), tone: 'bad' },
      ],
      columns,
    )
  return fitLine([], columns)
}

function ruleLine(columns: number): Line {
  return [{ text: '─'.repeat(columns), tone: 'faint' }]
}

function tooSmall({ columns, rows }: Size): readonly Line[] {
  const words = `orch ui needs ${LEAST.columns}×${LEAST.rows}; this is ${columns}×${rows}. q quits.`
  return rows < 1 ? [] : [fitLine(lineOf(words, 'warning'), columns)]
}
