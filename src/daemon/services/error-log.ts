import { Cancelled, EngineClosed } from '../../ports/engine.ts'

/** What no request waits for goes to the daemon's log; a closing engine is no error. */
export function logError(error: unknown): void {
  if (error instanceof EngineClosed || error instanceof Cancelled) return
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${new Date().toISOString()} ${text}\n`)
}
