import { spawn } from 'node:child_process'
import { linkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { isErrno } from '../errno.ts'
import type { ProcessIdentity } from '../process-identity.ts'
import { currentBootId, signalProcess } from '../process-table.ts'
import { loadAgent, loadWrapper } from './session-folder.ts'
import { terminalAgentScript, terminalWrapperScript } from './wrapper.ts'

/** A program in this terminal, whose folder tells of it what it tells of a detached one. */
export interface TerminalSpec {
  /** Absolute; there already. */
  readonly folder: string
  readonly argv: readonly string[]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
  readonly marker: string
}

/** `closed`: the folder was given up meanwhile, and nothing was started. */
export type TerminalEnd = { readonly kind: 'ended'; readonly code: number } | { readonly kind: 'closed' }

/** Runs the program here until it ends. While it runs, what the keys say is the program's to hear; who ends us ends it. */
export async function runInTerminal(spec: TerminalSpec): Promise<TerminalEnd> {
  const { folder, marker, argv, cwd } = spec
  const started = [folder, marker, String(Date.now()), await currentBootId(), terminalAgentScript]
  const child = spawn('/bin/sh', ['-c', terminalWrapperScript, 'orch-session', ...started, ...argv], {
    cwd,
    env: { ...spec.environment },
    stdio: 'inherit',
  })
  const leave = passOnEnd(folder)
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => resolve(code ?? 1))
      child.once('error', (cause) => reject(new Failure('session-not-started', `Could not start a shell: ${cause.message}`, { cause })))
    })
    return loadWrapper(folder)?.pid === child.pid ? { kind: 'ended', code } : { kind: 'closed' }
  } finally {
    leave()
  }
}

function passOnEnd(folder: string): () => void {
  const ignore = (): void => undefined
  const end = (): void => {
    const agent = loadAgent(folder)
    if (agent !== undefined) void signalProcess(agent, 'SIGTERM')
  }
  const listeners = [
    ['SIGINT', ignore],
    ['SIGQUIT', ignore],
    ['SIGTERM', end],
    ['SIGHUP', end],
  ] as const
  for (const [signal, listener] of listeners) process.on(signal, listener)
  return () => listeners.forEach(([signal, listener]) => process.off(signal, listener))
}

/** Belongs to a boot that never was: proven to have ended. */
const NOBODY: ProcessIdentity = { pid: 0, startTime: '0', bootId: 'none' }

/** Gives a folder up in which nothing was started, so that nothing ever will be. False when something was. */
export function closeUnstarted(folder: string, marker: string): boolean {
  const draft = join(folder, `pid.close.${process.pid}`)
  try {
    writeFileSync(draft, `${NOBODY.pid}\n${NOBODY.startTime}\n${Date.now()}\n${marker}\n${NOBODY.bootId}\n`, { mode: 0o600 })
    linkSync(draft, join(folder, 'pid'))
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  } finally {
    tryUnlink(draft)
  }
}

function tryUnlink(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It was not made.
  }
}
