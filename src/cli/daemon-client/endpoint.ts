import { readFileSync } from 'node:fs'
import { isSameProcess } from '../../platform/process-identity.ts'
import { homeAt } from '../../config/home.ts'

/** Where the daemon of this home says that it listens. */
export interface Endpoint {
  readonly pid: number
  readonly port: number
  readonly version: string
  readonly startedAt: string
  readonly token: string
  /** Tell the daemon from a process that got its pid later. */
  readonly startTime?: string
  readonly bootId?: string
}

export function loadEndpoint(root: string): Endpoint | undefined {
  try {
    const home = homeAt(root)
    const file = JSON.parse(readFileSync(home.daemonFile, 'utf8')) as Readonly<Record<string, unknown>>
    const token: unknown = JSON.parse(readFileSync(home.tokenFile, 'utf8'))
    const { pid, port, version, startedAt, startTime, bootId } = file
    if (
      typeof pid !== 'number' ||
      typeof port !== 'number' ||
      typeof version !== 'string' ||
      typeof startedAt !== 'string' ||
      typeof token !== 'string'
    )
      return undefined
    return {
      pid,
      port,
      version,
      startedAt,
      token,
      ...(typeof startTime === 'string' && { startTime }),
      ...(typeof bootId === 'string' && { bootId }),
    }
  } catch {
    return undefined
  }
}

/** Our token goes to nobody else: a stale file's pid and port may be a stranger's by now. */
export async function isDaemon(endpoint: Endpoint): Promise<boolean> {
  const { pid, startTime, bootId } = endpoint
  if (!isAlive(pid)) return false
  return startTime === undefined || bootId === undefined || (await isSameProcess({ pid, startTime, bootId })) !== 'dead'
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
