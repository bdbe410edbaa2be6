import { open } from 'node:fs/promises'
import { Failure } from '../../foundation/failure.ts'
import { loadBytes } from '../../platform/files.ts'
import type { JournalEvent } from './journal-event.ts'
import { parseEvent } from './journal-event.ts'

export interface LoadedLog {
  readonly events: readonly JournalEvent[]
  /** Bytes of whole lines; the file has exactly this size now. */
  readonly size: number
}

/**
 * A last line without its line end was never acknowledged: it is dropped, also from the file.
 * A whole line that cannot be read was acknowledged: nothing is guessed, and the file stays as it is.
 */
export async function loadLog(path: string): Promise<LoadedLog> {
  const bytes = await loadBytes(path)
  if (bytes === undefined) return { events: [], size: 0 }
  const size = bytes.lastIndexOf(LINE_END) + 1
  const events = parseLines(path, bytes.subarray(0, size))
  if (size < bytes.length) await cut(path, size)
  return { events, size }
}

const LINE_END = 10

function parseLines(path: string, bytes: Buffer): JournalEvent[] {
  const events: JournalEvent[] = []
  for (let from = 0, line = 1; from < bytes.length; line++) {
    const to = bytes.indexOf(LINE_END, from)
    try {
      events.push(parseEvent(bytes.toString('utf8', from, to)))
    } catch (cause) {
      throw corrupt(path, line, cause)
    }
    from = to + 1
  }
  return events
}

function corrupt(path: string, line: number, cause: unknown): Failure {
  return new Failure('journal-corrupt', `Line ${line} of ${path} cannot be read`, {
    facts: { path, line },
    safe: 'The file was left as it is, and nothing was started.',
    next: `Copy the file, look at line ${line} (sed -n ${line}p), mend or remove it, and start again; a newer orch may have written it.`,
    cause,
  })
}

async function cut(path: string, size: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.truncate(size)
    await file.sync()
  } finally {
    await file.close()
  }
}
