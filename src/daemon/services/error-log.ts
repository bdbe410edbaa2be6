import { writeSync } from 'node:fs'
import { Cancelled, EngineClosed } from '../../ports/engine.ts'

/** What no request waits for goes to the daemon's log, its standard error; a closing engine is no error. A log that cannot be written (a full disk) must not end the daemon. */
export function logError(error: unknown): void {
  if (error instanceof EngineClosed || error instanceof Cancelled) return
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  try {
    writeSync(process.stderr.fd, `${new Date().toISOString()} ${text}\n`)
  } catch {
    // There is nobody left to tell.
  }
}
