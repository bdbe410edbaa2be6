import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './eventually.ts'

export interface Leftover {
  readonly pid: number
  readonly command: string
}

/**
 * Processes that belong to a temporary home: their environment or working directory names it. Everything that orch starts
 * inherits HOME or ORCH_HOME or ORCH_SESSION from the test, so no parent chain is needed: a detached orphan is found too.
 */
export function findLeftovers(home: string): Leftover[] {
  return process.platform === 'linux' ? findInProc(home) : findWithPs(home)
}

/** Gives stopping processes until the deadline, then stops what is left by force and fails with their names. */
export async function expectNoLeftovers(home: string, deadlineMs = 20_000): Promise<void> {
  try {
    await until(() => findLeftovers(home).length === 0, { what: 'no process left', deadlineMs })
  } catch {
    const left = findLeftovers(home)
    for (const { pid } of left) stopByForce(pid)
    if (left.length > 0) {
      throw new Error(`the test left ${left.length} processes behind:\n${left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n')}`)
    }
  }
}

function findInProc(home: string): Leftover[] {
  const found: Leftover[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    try {
      if (!isOfHome(join('/proc', name), home)) continue
      const command = readFileSync(join('/proc', name, 'cmdline'), 'utf8')
        .replaceAll('\0', ' ')
        .trim()
      // A zombie has no command line: it has ended and only its parent has not asked yet.
      if (command !== '') found.push({ pid, command })
    } catch {
      // It ended while we looked, or belongs to someone else.
    }
  }
  return found
}

function isOfHome(folder: string, home: string): boolean {
  const environment = readFileSync(join(folder, 'environ'), 'utf8')
  if (environment.split('\0').some((entry) => /^(?:HOME|ORCH_[A-Z_]+)=/.test(entry) && isInside(entry.slice(entry.indexOf('=') + 1), home)))
    return true
  return isInside(readlinkSync(join(folder, 'cwd')), home)
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

/** macOS shows the environment of one's own processes; where it hides it, only command lines that name the home are found. */
function findWithPs(home: string): Leftover[] {
  const lines = execFileSync('ps', ['-axwwE', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\n')
  return lines
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ /, '') }))
    .filter(({ pid, command }) => pid !== process.pid && command.includes(home))
}

/** One that has ended meanwhile is fine. */
export function stopByForce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Already gone.
  }
}
