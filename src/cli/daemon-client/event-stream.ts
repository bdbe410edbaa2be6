import type { TasksResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { isBroken, withDaemon } from './client.ts'
import { open } from './exchange.ts'

export type DaemonEvent =
  | { readonly kind: 'hello'; readonly tasks: readonly TaskStatus[] }
  | { readonly kind: 'task'; readonly task: TaskStatus }
  | { readonly kind: 'notice'; readonly text: string }

/** So many daemons in a row that end before they say hello, and we stop starting new ones. */
const LOST_AT_MOST = 5

/**
 * The daemon's events until the signal aborts. A daemon that dies is replaced, and its `hello` brings what was missed:
 * sessions live on, so following them must too.
 */
export async function* followEvents(context: Context, signal: AbortSignal): AsyncGenerator<DaemonEvent> {
  for (let lost = 0; !signal.aborted; lost += 1) {
    try {
      for await (const event of connection(context, signal)) {
        if (event.kind === 'hello') lost = 0
        yield event
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isBroken(error) || lost >= LOST_AT_MOST) throw error
    }
    if (!signal.aborted) context.output.note('orch: the daemon ended; starting it again. Sessions go on.')
  }
}

async function* connection(context: Context, signal: AbortSignal): AsyncGenerator<DaemonEvent> {
  const call = { method: 'GET', path: '/v1/events' } as const
  const response = await withDaemon(context, (endpoint) =>
    open(endpoint, call, (request) => {
      // Who has lost interest while a daemon was started hears nothing of it any more.
      if (signal.aborted) request.destroy()
      else signal.addEventListener('abort', () => request.destroy(), { once: true })
    }),
  )
  response.setEncoding('utf8')
  let buffer = ''
  for await (const piece of response) {
    buffer += String(piece)
    const blocks = buffer.split(/\r?\n\r?\n/)
    buffer = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = parseEvent(block)
      if (event !== undefined) yield event
    }
  }
}

/** Unknown events are a newer daemon's. */
function parseEvent(block: string): DaemonEvent | undefined {
  const fields = block.split(/\r?\n/).map((line) => /^(event|data): ?(.*)$/.exec(line))
  const name = fields.find((field) => field?.[1] === 'event')?.[2]
  const data = fields
    .filter((field) => field?.[1] === 'data')
    .map((field) => field?.[2] ?? '')
    .join('\n')
  switch (name) {
    case 'hello':
      return { kind: 'hello', tasks: (JSON.parse(data) as TasksResponse).tasks }
    case 'task':
      return { kind: 'task', task: JSON.parse(data) as TaskStatus }
    case 'notice':
      return { kind: 'notice', text: (JSON.parse(data) as { text: string }).text }
    default:
      return undefined
  }
}
