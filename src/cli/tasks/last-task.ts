import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.ts'

/** A repeated `-` means this one. Losing it costs nothing, so a full disk does not fail the command. */
export function rememberTask(context: Context, handle: string): void {
  try {
    mkdirSync(context.home, { recursive: true, mode: 0o700 })
    const path = join(context.home, 'last')
    writeFileSync(`${path}.${process.pid}`, `${handle}\n`, { mode: 0o600 })
    renameSync(`${path}.${process.pid}`, path)
  } catch {}
}

export function lastHandle(home: string): string | undefined {
  try {
    return readFileSync(join(home, 'last'), 'utf8').trim()
  } catch {
    return undefined
  }
}
