import { readlinkSync } from 'node:fs'
import type { TerminalClient } from '../../domain/sessions/terminal-client.ts'
import { invariant } from '../../foundation/invariant.ts'
import { identityOf } from '../../platform/process-identity.ts'

/** This process, as the daemon knows it again. */
export async function ownClient(): Promise<TerminalClient> {
  const identity = await identityOf(process.pid)
  invariant(identity !== undefined, 'a process can be seen by itself')
  const terminal = terminalName()
  return { ...identity, ...(terminal !== undefined && { terminal }) }
}

/** Where the system tells it. */
function terminalName(): string | undefined {
  try {
    const name = readlinkSync('/proc/self/fd/0')
    return process.stdin.isTTY && name.startsWith('/dev/') ? name : undefined
  } catch {
    return undefined
  }
}
