import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export function rssMb(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024
}

/** Each page counts by its share of users: fifty agents share one program. Where the system does not say, the sum of RSS, which counts it fifty times. */
export function pssMb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (shareKb(pid) ?? rssMb(pid) * 1024), 0) / 1024
}

function shareKb(pid: number): number | undefined {
  const path = `/proc/${pid}/smaps_rollup`
  if (!existsSync(path)) return undefined
  const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8'))
  return found === null ? undefined : Number(found[1])
}
