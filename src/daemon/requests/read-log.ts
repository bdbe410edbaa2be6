import { plainBlock, plainLine } from '../../foundation/text.ts'
import { failureWords } from '../../domain/sessions/failure-words.ts'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import type { LogResponse } from '../../protocol/responses.ts'
import { findTask } from './find-task.ts'
import type { RequestParts } from './parts.ts'

/** An answer holds about this much text; the client asks for the rest. */
const PAGE_CHARACTERS = 1_000_000
const LONGEST_TEXT = 20_000
/** How orch ends a session whose work is done. */
const SIGTERM_CODE = 143

export interface LogRequest {
  readonly cwd: string
  readonly name?: string | undefined
  /** The record that the caller has read, up to position `after`. */
  readonly record?: string | undefined
  readonly after: number
  /** Of another record only about so many characters of its end. */
  readonly tail?: number
}

/** The newest process's record in plain lines, a page of it. */
export async function readLog(parts: RequestParts, request: LogRequest): Promise<LogResponse> {
  const { input } = await findTask(parts, request)
  const { process, events } = await parts.sessions.eventsOf(input)
  return logPage(process, events, request)
}

/** From its beginning, from where the caller has read, or from where its end begins. */
export function logPage(record: string, events: readonly SessionEvent[], request: Omit<LogRequest, 'cwd'>): LogResponse {
  const isKnown = record === request.record
  const start = isKnown ? Math.max(0, request.after) : request.tail ? tailStart(events, request.tail) : 0
  return { ...pageFrom(events, start), record, ...(!isKnown && start > 0 && { isCut: true }) }
}

/** Where the last lines of about so many characters begin; the last event is among them, however long. */
function tailStart(events: readonly SessionEvent[], characters: number): number {
  let start = events.length
  for (let left = Math.min(characters, PAGE_CHARACTERS); left > 0 && start > 0; start--) {
    const event = events[start - 1]
    for (const line of event === undefined ? [] : toLine(event)) left -= line.text.length + 100
  }
  return start
}

function pageFrom(events: readonly SessionEvent[], start: number): Pick<LogResponse, 'lines' | 'next' | 'hasMore'> {
  const lines: LogResponse['lines'][number][] = []
  let next = start
  for (let left = PAGE_CHARACTERS; left > 0 && next < events.length; next++) {
    const event = events[next]
    for (const line of event === undefined ? [] : toLine(event)) {
      lines.push(line)
      left -= line.text.length + 100
    }
  }
  return { lines, next, hasMore: next < events.length }
}

function toLine(event: SessionEvent): LogResponse['lines'] {
  const text = describe(event)
  return text === undefined ? [] : [{ at: new Date(event.at).toISOString(), kind: event.type, text }]
}

function describe(event: SessionEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return plainLine(`session started${event.agentVersion === undefined ? '' : ` (${event.agentVersion})`}`)
    case 'text':
      return plainBlock(event.text.length > LONGEST_TEXT ? `${event.text.slice(0, LONGEST_TEXT)}…` : event.text)
    case 'tool-started':
      return plainLine(`${event.tool}: ${event.summary}`, 500)
    case 'tool-ended':
      return event.isError ? 'the tool failed' : undefined
    case 'permission-asked':
      return plainLine(`asks to use ${event.request.tool}: ${event.request.summary} (${event.request.id})`, 500)
    case 'retrying':
      return `the model answered ${failureWords(event.cause)}; retry ${event.attempt} in ${Math.round(event.delayMs / 100) / 10} s`
    case 'limit':
      return `usage limit until ${new Date(event.resetsAt).toISOString()}`
    case 'turn-ended':
      return plainLine(`${event.outcome.kind}${'message' in event.outcome ? `: ${event.outcome.message}` : ''}`, 500)
    case 'exited':
      if (event.exit.kind === 'lost') return 'the process was killed'
      return event.exit.code === SIGTERM_CODE ? 'the process was ended' : `the process ended with ${event.exit.code}`
    default:
      return undefined
  }
}
