import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '../process-identity.ts'

/** What the wrapper wrote before it started anything. */
export interface WrapperRecord extends ProcessIdentity {
  readonly launchedAt: number
  readonly marker: string
}

export function loadWrapper(folder: string): WrapperRecord | undefined {
  const lines = linesOf(folder, 'pid')
  if (lines === undefined) return undefined
  const [pid, start = '', launchedAt, marker = '', bootId = ''] = lines
  return { pid: Number(pid), startTime: squeeze(start), bootId, launchedAt: Number(launchedAt), marker }
}

export function loadAgent(folder: string): ProcessIdentity | undefined {
  const [pid, start, bootId, end] = linesOf(folder, 'agent') ?? []
  // Without its last line end it is being written, or its writer was killed before there was an agent.
  return start === undefined || bootId === undefined || end === undefined
    ? undefined
    : { pid: Number(pid), startTime: squeeze(start), bootId }
}

export function loadExit(folder: string): { readonly code: number; readonly at: number } | undefined {
  const lines = linesOf(folder, 'exit')
  return lines === undefined ? undefined : { code: Number(lines[0]), at: modifiedAt(folder, 'exit') ?? 0 }
}

/** When everything the session left behind was found gone; its file saves looking through all processes at each later attach. */
export function loadReapedAt(folder: string): number | undefined {
  return modifiedAt(folder, 'reaped')
}

export function recordReaped(folder: string): void {
  try {
    writeFileSync(join(folder, 'reaped'), '', { flag: 'wx', mode: 0o600 })
  } catch {
    // Another process saw the same, or the disk is full and the next attach looks again.
  }
}

function linesOf(folder: string, name: string): string[] | undefined {
  // Asked again and again for files that are not there yet, and an exception costs ten times the question.
  if (!existsSync(join(folder, name))) return undefined
  try {
    return readFileSync(join(folder, name), 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function modifiedAt(folder: string, name: string): number | undefined {
  const found = statSync(join(folder, name), { throwIfNoEntry: false })
  return found === undefined ? undefined : Math.round(found.mtimeMs)
}

/** `ps` pads days with a blank. */
function squeeze(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}
