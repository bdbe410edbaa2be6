import { plainLine } from '../../foundation/text.ts'
import { sumWords } from '../diff/titles.ts'
import { fitLine, type Line, type Tone } from '../text/line.ts'
import type { Size } from '../terminal/screen.ts'
import { visibleText } from '../text/visible.ts'
import { isSamePlace } from '../diff/comments.ts'
import { drawSummary } from './draw-summary.ts'
import { FOOTER, KEYS } from './key-table.ts'
import type { Review, Sitting } from './review.ts'

/** The whole screen: a title, what is looked at, what orch says or asks, and the keys. */
export function drawReview(review: Review, { columns, rows }: Size): readonly Line[] {
  const room = Math.max(1, rows - 4)
  return [
    fitLine(titleLine(review), columns),
    [{ text: '─'.repeat(columns), tone: 'faint' }],
    ...Array.from({ length: room }, (_, at) => drawPage(review, columns, room)[at] ?? []),
    bottomLine(review, columns),
    fitLine([{ text: review.page === 'diff' ? FOOTER.diff : FOOTER.summary, tone: 'faint' }], columns),
  ]
}

function titleLine({ sitting, at, sittings }: Review): Line {
  const { status } = sitting.item
  const { comments, material } = sitting
  const facts = [
    `${plainLine(status.branch, 60)} → ${plainLine(status.target, 40)}`,
    `$${status.costUsd.toFixed(2)}`,
    ...(material === undefined ? [] : [sumWords(material.patch.files)]),
    ...(comments.length === 0 ? [] : [`● ${comments.length}`]),
  ]
  return [
    { text: `${at + 1}/${sittings.length} `, tone: 'faint' },
    { text: plainLine(status.handle, 60), tone: 'strong' },
    { text: ' · ' },
    { text: sitting.isSettled ? 'settled' : status.status, tone: statusTone(sitting) },
    { text: ` · ${facts.join(' · ')}` },
  ]
}

function statusTone({ isSettled, item: { status } }: Sitting): Tone {
  if (isSettled) return 'good'
  return status.status === 'Failed' ? 'bad' : 'warning'
}

function drawPage(review: Review, columns: number, rows: number): readonly Line[] {
  const { sitting, page } = review
  if (page === 'help') return helpLines().map((line) => fitLine(line, columns))
  if (page === 'diff' && sitting.pane !== undefined) return sitting.pane.draw(columns, rows, sitting.comments)
  const lines = drawSummary(sitting, columns)
  sitting.top = Math.max(0, Math.min(sitting.top, lines.length - rows))
  return lines.slice(sitting.top, sitting.top + rows).map((line) => fitLine(line, columns))
}

function helpLines(): readonly Line[] {
  return KEYS.flatMap(([title, keys]): readonly Line[] => [
    [{ text: title, tone: 'heading' }],
    ...keys.map(([key, does]): Line => [{ text: `  ${key.padEnd(10)}`, tone: 'key' }, { text: does }]),
    [],
  ])
}

function bottomLine(review: Review, columns: number): Line {
  const { asking, busy, notice } = review
  if (asking?.kind === 'line' && notice === '') return fitLine(asking.editor.draw(columns), columns)
  if (asking?.kind === 'question') return fitLine([{ text: asking.text, tone: 'strong' }], columns)
  if (notice !== '') return fitLine([{ text: plainLine(notice), tone: 'warning' }], columns)
  if (busy !== undefined) return fitLine([{ text: `${plainLine(busy)} …`, tone: 'key' }], columns)
  return fitLine([{ text: commentHere(review), tone: 'warning' }], columns)
}

/** What was said about the line of the cursor. */
function commentHere({ page, sitting: { pane, comments } }: Review): string {
  const place = page === 'diff' && comments.length > 0 ? pane?.place : undefined
  const comment = place === undefined ? undefined : comments.find((each) => isSamePlace(each, place))
  return comment === undefined ? '' : `● ${visibleText(comment.text)}`
}
