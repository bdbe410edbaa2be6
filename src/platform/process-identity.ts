import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isErrno } from './errno.ts'

/**
 * A pid alone names whatever process has it now. With its start time and the boot it is one process for ever.
 * `startTime` is opaque: clock ticks since boot on Linux, a date in whole seconds on macOS.
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
  readonly bootId: string
}

/** undefined when there is no such process, when it is a zombie, or when it cannot be looked at. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const seen = await look(pid)
  return seen.kind === 'running' ? { pid, startTime: seen.startTime, bootId: await bootId() } : undefined
}

/** 'unknown' must never be treated as dead: it says that this machine would not tell. */
export async function isSameProcess(identity: ProcessIdentity): Promise<'alive' | 'dead' | 'unknown'> {
  if (identity.bootId !== (await bootId())) return 'dead'
  const seen = await look(identity.pid)
  if (seen.kind !== 'running') return seen.kind
  return seen.startTime === identity.startTime ? 'alive' : 'dead'
}

type Sight = { readonly kind: 'running'; readonly startTime: string } | { readonly kind: 'dead' } | { readonly kind: 'unknown' }

async function look(pid: number): Promise<Sight> {
  return process.platform === 'linux' ? lookInProc(pid) : lookWithPs(pid)
}

// Synchronous: /proc never waits for a disk, and the way through the thread pool costs ten times the read. As UTF-8, which node reads in one
// call; for any other encoding it makes a buffer of 64 KB for a file that does not say its size.
function lookInProc(pid: number): Sight {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    // Reading a process that ends at this moment gives ESRCH. ENOENT may also be a /proc that hides other users' processes.
    return isErrno(error, 'ENOENT', 'ESRCH') && !mayExist(pid) ? { kind: 'dead' } : { kind: 'unknown' }
  }
}

/** Fields are counted from the last parenthesis: the program's name before it may hold spaces and parentheses. */
export function parseStat(stat: string): Sight {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .trimEnd()
    .split(' ')
  const [state, startTime] = [fields[0], fields[22 - 3]]
  if (state === undefined || startTime === undefined) return { kind: 'unknown' }
  return state === 'Z' || state === 'X' ? { kind: 'dead' } : { kind: 'running', startTime }
}

async function lookWithPs(pid: number): Promise<Sight> {
  try {
    const environment = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' }
    const { stdout } = await run('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { env: environment })
    return parsePs(stdout)
  } catch {
    return mayExist(pid) ? { kind: 'unknown' } : { kind: 'dead' } // ps ends with 1 when nothing has this pid
  }
}

export function parsePs(stdout: string): Sight {
  const [, state, startTime] = /^\s*(\S+)\s+(\S.*?)\s*$/.exec(stdout) ?? []
  if (state === undefined || startTime === undefined) return { kind: 'unknown' }
  return state.startsWith('Z') ? { kind: 'dead' } : { kind: 'running', startTime: startTime.replace(/\s+/g, ' ') }
}

/** Cheap: false only when no process has this pid. A pid is used again, so true says little. */
export function mayExist(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !isErrno(error, 'ESRCH')
  }
}

let knownBootId: Promise<string> | undefined

function bootId(): Promise<string> {
  knownBootId ??= (
    process.platform === 'linux'
      ? readFile('/proc/sys/kernel/random/boot_id', 'utf8')
      : run('sysctl', ['-n', 'kern.bootsessionuuid'], { env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' } }).then((done) => done.stdout)
  ).then((text) => text.trim())
  return knownBootId
}

/** Every command asks for an identity, and Linux needs no program for it. */
async function run(program: string, args: readonly string[], options: { env: NodeJS.ProcessEnv }): Promise<{ stdout: string }> {
  const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')])
  return promisify(execFile)(program, args, { ...options, encoding: 'utf8' })
}
