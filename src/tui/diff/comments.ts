import type { TaskStatus } from '../../protocol/task-status.ts'
import type { BodyRow, FileDiff } from './file-diff.ts'
import type { LineRow } from './rows.ts'

/** A line of a diff that something can be said about. */
export interface Place {
  readonly path: string
  /** Undefined: the whole file. */
  readonly line: number | undefined
  /** The number is that of the old file: the line is there no more. */
  readonly isGone: boolean
  /** The hunk around it, as in a patch. */
  readonly excerpt: readonly string[]
}

export interface Comment extends Place {
  readonly text: string
}

/** Of the hunk, so many lines before and after the one that is meant. */
const EXCERPT_LINES = 8
/** Of one line, for generated files. */
const EXCERPT_WIDTH = 400

/** The place that a row of a diff stands for; the heading of a hunk for its first change. */
export function placeOf(diff: FileDiff, row: BodyRow | undefined): Place {
  const line = lineOf(diff, row)
  return line === undefined ? { path: diff.file.path, line: undefined, isGone: false, excerpt: [] } : placeOfLine(diff, line)
}

/** As a person writes it for a script: a line of the new file, else of the old one. */
export function placeAt(diff: FileDiff, line: number): Place {
  const rows = diff.rows().filter((row) => row.kind === 'line')
  const row = rows.find((each) => each.new === line) ?? rows.find((each) => each.old === line)
  return row === undefined ? { path: diff.file.path, line, isGone: false, excerpt: [] } : placeOfLine(diff, row)
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.path === b.path && a.line === b.line && a.isGone === b.isGone
}

/** Whether the row shows the place, of a diff of its file. */
export function showsPlace(row: BodyRow, { line, isGone }: Place): boolean {
  if (row.kind === 'note') return line === undefined
  if (row.kind === 'hunk') return false
  const lines = row.kind === 'line' ? [row] : [row.before, row.after]
  return lines.some((each) => each !== undefined && (each.sign === '-') === isGone && (each.new ?? each.old) === line)
}

function placeOfLine(diff: FileDiff, line: LineRow): Place {
  const hunk = linesOf(diff, line.hunk)
  const at = hunk.indexOf(line)
  const shown = hunk.slice(Math.max(0, at - EXCERPT_LINES), at + EXCERPT_LINES + 1)
  const excerpt = shown.map(({ sign, text }) => `${sign}${text.slice(0, EXCERPT_WIDTH)}`)
  return { path: diff.file.path, line: line.new ?? line.old, isGone: line.sign === '-', excerpt }
}

function lineOf(diff: FileDiff, row: BodyRow | undefined): LineRow | undefined {
  if (row === undefined || row.kind === 'note') return undefined
  if (row.kind === 'line') return row
  if (row.kind === 'pair') return row.after ?? row.before
  const lines = linesOf(diff, row.hunk)
  return lines.find(({ sign }) => sign !== ' ') ?? lines[0]
}

function linesOf(diff: FileDiff, hunk: number): readonly LineRow[] {
  return diff.rows().filter((row) => row.kind === 'line' && row.hunk === hunk) as LineRow[]
}

/** All comments as one message to the session. What is quoted is indented, so that it cannot pass for something that was said. */
export function reviewMessage(task: Pick<TaskStatus, 'branch'>, head: string, comments: readonly Comment[], general: string): string {
  const count = comments.length === 0 ? '' : `: ${comments.length} ${comments.length === 1 ? 'comment' : 'comments'}`
  return [
    `Your work on ${task.branch} at ${head.slice(0, 10)} was reviewed and comes back${count}. See to all of it, commit, and say \`orch done\` again.`,
    ...(general.trim() === '' ? [] : [general.trim()]),
    ...comments.map((comment, at) => commentText(comment, comments.length > 1 ? `${at + 1}. ` : '')),
  ].join('\n\n')
}

function commentText({ path, line, isGone, excerpt, text }: Comment, number: string): string {
  const place = line === undefined ? path : `${path}:${line}${isGone ? ' (removed)' : ''}`
  return [`${number}${place}: ${text}`, ...excerpt.map((each) => `    ${each}`)].join('\n')
}
