import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Judged } from './figure.ts'

/** What a results file holds; a change of its form changes the number. */
export interface Report {
  readonly schema: 1
  readonly at: string
  readonly commit: string
  readonly machine: Machine
  readonly figures: readonly Judged[]
  /** Measurements that broke off, with the reason. */
  readonly broken: readonly { readonly measurement: string; readonly reason: string }[]
}

export interface Machine {
  readonly system: string
  readonly processor: string
  readonly cores: number
  readonly memoryMb: number
  readonly node: string
  readonly git: string
  /** Processes that wanted to run before the bench began: above half a core the times are not to be trusted. */
  readonly loadBefore: number
}

export function lookAtMachine(): Machine {
  return {
    system: `${process.platform} ${release()} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 2 ** 20),
    node: process.versions.node,
    git: execFileSync('git', ['--version'], { encoding: 'utf8' }).trim().replace('git version ', ''),
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}

export function renderTable(figures: readonly Judged[]): string {
  const head = ['figure', 'goal', 'median', 'min', 'max', 'n', '']
  const rows = figures.map((figure) => [
    figure.what,
    figure.goal === undefined ? '' : `≤ ${figure.goal} ${figure.unit}`,
    `${figure.median} ${figure.unit}`,
    String(figure.min),
    String(figure.max),
    String(figure.samples.length),
    figure.verdict === 'no goal' ? '' : figure.verdict,
  ])
  const widths = head.map((title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  const notes = figures.flatMap((figure) => (figure.note === undefined ? [] : [`  ${figure.id}: ${figure.note}`]))
  return [line(head), ...rows.map(line), ...notes].join('\n')
}

export function saveReport(root: string, report: Report): string {
  const folder = join(root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${report.at.replace(/[:.]/g, '-')}.json`)
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`)
  return path
}

export function currentCommit(root: string): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'unknown'
  }
}
