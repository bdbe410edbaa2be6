import { age, plainBlock, plainLine } from '../../foundation/text.ts'
import type { RadarReport } from '../../protocol/radar-report.ts'
import type { Styles } from '../styles.ts'
import { fit } from './fit.ts'

export interface RadarView {
  readonly now: number
  readonly styles: Styles
  readonly columns: number
  readonly hasHunks: boolean
}

type Overlap = RadarReport['overlaps'][number]

/** The answer of `orch radar`: each overlap with its files, most urgent first, and one thing to do next. */
export function radarPage(reports: readonly RadarReport[], view: RadarView): string {
  if (reports.length === 0) return 'The radar has seen nothing here yet: it looks while tasks are live.'
  return reports.map((report) => projectBlock(report, view)).join('\n\n')
}

function projectBlock(report: RadarReport, view: RadarView): string {
  const { project, isOn, tasks, overlaps } = report
  if (!isOn) return `${project}: the radar is off: \`orch config set radar on\``
  const count = `${overlaps.length} ${overlaps.length === 1 ? 'overlap' : 'overlaps'}`
  const seen = `${tasks.length} ${tasks.length === 1 ? 'worktree' : 'worktrees'} seen ${age(view.now - report.at)} ago`
  const partial = tasks.filter(({ isPartial }) => isPartial).map(({ handle }) => handle)
  return [
    `${project}: ${count}, ${seen}`,
    ...(partial.length === 0 ? [] : [`  not all of ${plainLine(partial.join(', '))}: too many or too large untracked files`]),
    ...overlaps.flatMap((overlap) => overlapLines(overlap, project, view)),
    ...(overlaps.length === 0 ? [] : [`Next: ${suggestion(overlaps)}`]),
  ].join('\n')
}

const FILES_SHOWN = 6

function overlapLines(overlap: Overlap, project: string, { now, styles, columns, hasHunks }: RadarView): string[] {
  const { one, other, files, fileCount, since, survived } = overlap
  const names = [one, other].map(({ party }) => nameOf(party, project))
  const facts = [
    `for ${age(now - since)}`,
    workWords(overlap),
    ...(survived === 0 ? [] : [`outlived ${survived} ${survived === 1 ? 'commit' : 'commits'}`]),
  ]
  const shown = hasHunks ? files : files.slice(0, FILES_SHOWN)
  const left = fileCount - shown.length
  return [
    `${styles.bold(`${names[0]} ⇄ ${names[1]}`)}  ${facts.join(' · ')}`,
    ...shown.flatMap((file) => [
      fit(`  ${plainLine(file.path)}${file.kind === 'contents' ? '' : ` (${plainLine(file.kind, 40)})`}`, columns),
      ...(hasHunks ? file.hunks.flatMap((hunk) => hunkLines(hunk, names)) : []),
    ]),
    ...(left > 0 ? [`  … ${left} more`] : []),
  ]
}

function hunkLines(hunk: Overlap['files'][number]['hunks'][number], names: readonly string[]): string[] {
  const side = (name: string, text: string): string[] => [
    `    ${name}:`,
    ...plainBlock(text)
      .split('\n')
      .map((line) => `      ${line}`),
  ]
  return [`    line ${hunk.line}`, ...side(names[0] ?? '', hunk.one), ...side(names[1] ?? '', hunk.other)]
}

/** Within one project the task's own name is enough. */
function nameOf(party: Overlap['other']['party'], project: string): string {
  if (party.kind === 'target') return plainLine(party.branch, 60)
  return plainLine(party.handle.startsWith(`${project}.`) ? party.handle.slice(project.length + 1) : party.handle, 60)
}

function workWords({ one, other }: Overlap): string {
  if (one.work === other.work || other.party.kind === 'target') return one.work
  return `${one.work} ⇄ ${other.work}`
}

/** The most urgent one, by what a person can do about it. */
function suggestion([first]: readonly Overlap[]): string {
  if (first === undefined) return ''
  const { one, other, files } = first
  const file = typed(files[0]?.path, 'the same file')
  if (other.party.kind === 'target')
    return `orch send ${one.party.handle} "${file} has changed on ${typed(other.party.branch, 'the target')}: merge it and go on"`
  return `orch send ${other.party.handle} "${one.party.handle} changes ${file} too: keep your change there small, or leave it to them"`
}

/** A person may paste the line into a shell, and names are the agents' own: one that a shell could read is not said. */
function typed(name: string | undefined, instead: string): string {
  return name !== undefined && /^[\w][\w./-]{0,80}$/.test(name) ? name : instead
}
