import { fstatSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { uuid } from '../../../platform/ids.ts'
import { watchFolder } from '../../../platform/detached/shared-ticks.ts'
import { isSameProcess, type ProcessIdentity } from '../../../platform/process-identity.ts'
import { textOf } from '../../tasks/plain-files.ts'

/**
 * Takes the one place of a session where news is waited for; whoever had it leaves. The signal comes when a newer one takes it, when the session
 * ends (its hook removes the file), and when Claude Code is gone.
 */
export function takeWaitingPlace(folder: string, claude: ProcessIdentity | undefined): AbortSignal {
  const left = new AbortController()
  const path = join(folder, 'waiter')
  const own = uuid()
  writeFileSync(path, own, { mode: 0o600 })
  const look = (): void => {
    if (textOf(path) !== own) left.abort()
  }
  watchFolder(folder, look)
  look()
  onEndOf(claude, () => left.abort())
  return left.signal
}

/** Claude Code holds the other end of what would be printed, and a system closes that for whoever dies. */
function onEndOf(claude: ProcessIdentity | undefined, listener: () => void): void {
  if (isSocket(STDOUT)) {
    const line = new Socket({ fd: STDOUT, readable: true, writable: false })
    line.on('close', listener).on('error', listener).resume()
    return
  }
  if (claude === undefined) return
  const look = async (): Promise<void> => {
    if ((await isSameProcess(claude)) === 'dead') listener()
  }
  // Where it is a pipe or a file, which tells nothing.
  setInterval(() => void look(), LOOK_MS).unref()
}

const STDOUT = 1
const LOOK_MS = 60_000

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket()
  } catch {
    return false
  }
}
