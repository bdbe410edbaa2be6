import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { Failure } from '../foundation/failure.ts'
import { identityOf, isSameProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

export interface ProcessEntry extends ProcessIdentity {
  readonly parent: number
  /** Value of ORCH_SESSION in the environment the program was started with, if it may be read. */
  readonly marker: string | undefined
}

/** Every process that is not a zombie. Callers of the same moment share one scan. */
export function scanProcesses(): Promise<readonly ProcessEntry[]> {
  pendingScan ??= new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
    pendingScan = undefined
    const bootId = await currentBootId()
    return isLinux ? scanProc(bootId) : scanPs(bootId)
  })
  return pendingScan
}

/** Of this machine as it runs now, from our own identity. */
export async function currentBootId(): Promise<string> {
  const self = await identityOf(process.pid)
  if (self !== undefined) return self.bootId
  throw new Failure('processes-unreadable', 'This machine does not tell which processes run.', {
    next: 'Look whether /proc is mounted and `ps` works.',
  })
}

/** Signals the process if it is still that very one. */
export async function signalProcess(target: ProcessIdentity, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if ((await isSameProcess(target)) !== 'alive') return
  try {
    process.kill(target.pid, signal)
  } catch {
    // Gone in between, or another user's by now; the next scan tells.
  }
}

const isLinux = process.platform === 'linux'
let pendingScan: Promise<readonly ProcessEntry[]> | undefined

function scanProc(bootId: string): readonly ProcessEntry[] {
  const entries: ProcessEntry[] = []
  const before = new Map(unmarked)
  unmarked.clear()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    try {
      const fields = statFields(pid)
      if (fields[0] === 'Z') continue
      const startTime = fields[19] ?? ''
      entries.push({ pid, parent: Number(fields[1]), startTime, bootId, marker: markerSince(pid, startTime, before.get(pid)) })
    } catch {
      // It ended while we looked.
    }
  }
  return entries
}

/** The fields after the command's name, which may itself hold blanks and parentheses. */
function statFields(pid: number): readonly string[] {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return line.slice(line.lastIndexOf(') ') + 2).split(' ')
}

/** First seen then without a marker. Every end of a session and of a command scans, and the environments of strangers are most of the cost. */
const unmarked = new Map<number, { readonly startTime: string; readonly at: number }>()
/** A session's processes are born with the marker, but for its first: a moment after its birth it becomes a program that has one. */
const STRANGER_AFTER_MS = 60_000

function markerSince(
  pid: number,
  startTime: string,
  known: { readonly startTime: string; readonly at: number } | undefined,
): string | undefined {
  const since = known?.startTime === startTime ? known : { startTime, at: performance.now() }
  const marker = performance.now() - since.at > STRANGER_AFTER_MS ? undefined : procMarker(pid)
  if (marker === undefined) unmarked.set(pid, since)
  return marker
}

function procMarker(pid: number): string | undefined {
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
    const at = environment.indexOf('\0ORCH_SESSION=')
    return at < 0 ? undefined : environment.slice(at + 14, environment.indexOf('\0', at + 14))
  } catch {
    return undefined
  }
}

/** Two calls, as `ps` gives environments only after the command line; a process between them is seen by the next scan. */
async function scanPs(bootId: string): Promise<readonly ProcessEntry[]> {
  const [table, environments] = await Promise.all([ps(['-axo', 'pid=,ppid=,stat=,lstart=']), ps(['-axEwwo', 'pid=,command='])])
  const markers = new Map<number, string>()
  for (const line of environments.split('\n')) {
    const found = /^\s*(\d+) .*\sORCH_SESSION=(\S*)/.exec(line)
    if (found !== null) markers.set(Number(found[1]), found[2] ?? '')
  }
  return table.split('\n').flatMap((line) => {
    const [pid, parent, stat = 'Z', ...lstart] = line.trim().split(/\s+/)
    return stat.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), startTime: lstart.join(' '), bootId, marker: markers.get(Number(pid)) }]
  })
}

function ps(argv: readonly string[]): Promise<string> {
  const options = { env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }, maxBuffer: 1 << 28, timeout: 10_000 }
  return new Promise((resolve, reject) => {
    execFile('ps', [...argv], options, (error, stdout) => (error === null ? resolve(stdout) : reject(error)))
  })
}
