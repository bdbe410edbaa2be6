import { Failure } from '../foundation/failure.ts'

const MARK = 'not started: '

/** The last line of the daemon's log when it could not start: what happened, for the command that started it to say. */
export function renderStartFailure(error: unknown): string {
  const known = error instanceof Failure ? error : undefined
  const message = error instanceof Error ? error.message : String(error)
  return `${MARK}${JSON.stringify({ code: known?.code ?? 'daemon-not-ready', message, safe: known?.safe, next: known?.next })}`
}

/** Undefined for a line of something else. */
export function parseStartFailure(line: string): Failure | undefined {
  if (!line.startsWith(MARK)) return undefined
  try {
    const { code, message, safe, next } = JSON.parse(line.slice(MARK.length)) as Readonly<Record<string, unknown>>
    if (typeof code !== 'string' || typeof message !== 'string') return undefined
    return new Failure(code, `The daemon did not start: ${message}`, {
      ...(typeof safe === 'string' && { safe }),
      ...(typeof next === 'string' && { next }),
    })
  } catch {
    return undefined
  }
}
