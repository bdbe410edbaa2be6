import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { toToolId, type Position } from '../position.ts'
import type { Reply } from '../reply-plan.ts'

/** A reply as the API's message object; `inputTokens` is counted from the request when the script names none. */
export interface ApiReply {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  readonly model: string
  readonly content: readonly ContentBlock[]
  readonly stop_reason: 'end_turn' | 'tool_use'
  readonly stop_sequence: null
  readonly usage: Readonly<Record<string, unknown>> & { readonly output_tokens: number }
}

export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: Readonly<Record<string, unknown>> }

export function toApiReply(reply: Reply, position: Position, model: string, inputTokens: number): ApiReply {
  const content: ContentBlock[] = reply.texts.map((text) => ({ type: 'text', text }))
  for (const call of reply.calls) content.push({ type: 'tool_use', id: toToolId(position, unique()), name: call.name, input: call.input })
  if (content.length === 0) content.push({ type: 'text', text: 'Done.' })
  return {
    id: `msg_01${unique()}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: reply.calls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: reply.usage.input ?? inputTokens,
      cache_creation_input_tokens: reply.usage['cache-write'] ?? 0,
      cache_read_input_tokens: reply.usage['cache-read'] ?? 0,
      cache_creation: { ephemeral_5m_input_tokens: reply.usage['cache-write'] ?? 0, ephemeral_1h_input_tokens: 0 },
      output_tokens: reply.usage.output ?? tokens(JSON.stringify(content)),
      service_tier: 'standard',
    },
  }
}

export function writeWhole(response: ServerResponse, message: ApiReply, headers: Readonly<Record<string, string>>): void {
  const body = JSON.stringify(message)
  response.writeHead(200, { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

export function writeStream(response: ServerResponse, message: ApiReply, headers: Readonly<Record<string, string>>): void {
  beginStream(response, message, headers)
  message.content.forEach((block, index) => {
    writeBlock(response, block, index)
    if (index === 0) writeEvent(response, { type: 'ping' })
  })
  writeEvent(response, {
    type: 'message_delta',
    delta: { stop_reason: message.stop_reason, stop_sequence: null },
    usage: { output_tokens: message.usage.output_tokens },
  })
  writeEvent(response, { type: 'message_stop' })
  response.end()
}

export function beginStream(response: ServerResponse, message: ApiReply, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  writeEvent(response, {
    type: 'message_start',
    message: { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } },
  })
}

/** A block's start and deltas; `stop: false` leaves it open, for answers that break off. */
export function writeBlock(response: ServerResponse, block: ContentBlock, index: number, stop = true): void {
  if (block.type === 'text') {
    writeEvent(response, { type: 'content_block_start', index, content_block: { type: 'text', text: '' } })
    for (const part of parts(block.text))
      writeEvent(response, { type: 'content_block_delta', index, delta: { type: 'text_delta', text: part } })
  } else {
    writeEvent(response, { type: 'content_block_start', index, content_block: { ...block, input: {} } })
    const json = JSON.stringify(block.input)
    const shown = stop ? json : json.slice(0, json.length >> 1)
    for (const part of ['', ...parts(shown)])
      writeEvent(response, { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: part } })
  }
  if (stop) writeEvent(response, { type: 'content_block_stop', index })
}

export function writeEvent(response: ServerResponse, event: { readonly type: string } & Readonly<Record<string, unknown>>): void {
  response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

/** A rough count, four bytes a token; enough for budgets and tables. */
export function tokens(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / 4))
}

export function unique(): string {
  return randomBytes(12).toString('hex')
}

function parts(text: string): string[] {
  const points = [...text]
  const size = Math.max(24, Math.ceil(points.length / 8))
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => points.slice(index * size, (index + 1) * size).join(''))
}
