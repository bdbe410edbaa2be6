import type { ServerResponse } from 'node:http'
import { brokenOff } from './position.ts'
import { beginStream, unique, writeBlock, writeEvent, type ApiReply } from './api/reply-stream.ts'
import type { WrittenFailure, WrittenLimit } from './script/script-schema.ts'

/** The API's error body. */
export function writeError(
  response: ServerResponse,
  error: { status: number; type: string; message: string },
  headers: Readonly<Record<string, string>> = {},
): void {
  const requestId = `req_01${unique()}`
  const body = JSON.stringify({ type: 'error', error: { type: error.type, message: error.message }, request_id: requestId })
  response.writeHead(error.status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'request-id': requestId,
  })
  response.end(body)
}

/** Fails one request as the script says. `refuseConnections` closes the door for a while; `message` is what a sound answer would have been. */
export function fail(
  response: ServerResponse,
  failure: WrittenFailure,
  message: ApiReply,
  stream: boolean,
  refuseConnections: (forMs: number) => void,
): void {
  const details = { message: undefined, for: undefined, 'retry-after': undefined, ...failure }
  if ('status' in failure && failure.status !== undefined)
    return failStatus(response, failure.status, details.message, details['retry-after'])
  switch ('kind' in failure ? failure.kind : undefined) {
    case 'billing':
      return failStatus(
        response,
        400,
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      )
    case 'prompt-too-long':
      return failStatus(response, 400, 'prompt is too long: 250000 tokens > 200000 maximum')
    case 'reset':
      return void response.destroy()
    case 'refused':
      refuseConnections(details.for ?? 2000)
      return void response.destroy()
    case 'stalled':
      return stall(response, message, stream, details.for)
    case 'error-event':
      if (!stream) return failStatus(response, 529)
      return breakStream(response, message, () => {
        writeEvent(response, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
        response.end()
      })
    case 'no-stop':
      if (!stream) return void response.destroy()
      beginStream(response, message, {})
      writeBlock(response, { type: 'text', text: `${brokenOff}.` }, 0)
      return void response.end()
    case 'cut-in-tool':
      return breakStream(
        response,
        message,
        () => response.destroy(),
        message.content.findLast((block) => block.type === 'tool_use'),
      )
    case 'cut':
    case undefined:
      return breakStream(response, message, () => response.destroy())
  }
}

/** Headers of a subscription's limit; Claude Code reads them only for a logged-in subscription, not for an API key. */
export function limitHeaders(limit: WrittenLimit, resetsAtMs: number): Record<string, string> {
  const reset = String(Math.ceil(resetsAtMs / 1000))
  const status = limit.used >= 1 ? 'rejected' : limit.used >= 0.75 ? 'allowed_warning' : 'allowed'
  const window =
    limit.type === 'five_hour' ? '5h' : limit.type === 'seven_day' ? '7d' : limit.type === 'seven_day_opus' ? '7d_opus' : '7d_sonnet'
  const prefix = 'anthropic-ratelimit-unified'
  return {
    [`${prefix}-status`]: status,
    [`${prefix}-reset`]: reset,
    [`${prefix}-representative-claim`]: limit.type,
    [`${prefix}-${window}-status`]: status,
    [`${prefix}-${window}-reset`]: reset,
    [`${prefix}-${window}-utilization`]: String(limit.used),
    ...(status === 'allowed_warning' ? { [`${prefix}-${window}-surpassed-threshold`]: String(limit.used >= 0.9 ? 0.9 : 0.75) } : {}),
    [`${prefix}-overage-status`]: 'rejected',
    [`${prefix}-overage-disabled-reason`]: 'org_level_disabled',
  }
}

export function failLimit(response: ServerResponse, limit: WrittenLimit, resetsAtMs: number, now: number): void {
  const seconds = Math.max(1, Math.ceil((resetsAtMs - now) / 1000))
  const error = {
    status: 429,
    type: 'rate_limit_error',
    message: "This request would exceed your account's rate limit. Please try again later.",
  }
  writeError(response, error, { ...limitHeaders(limit, resetsAtMs), 'retry-after': String(seconds), 'x-should-retry': 'false' })
}

const statuses: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'The request is not valid'],
  401: ['authentication_error', 'invalid x-api-key'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'model: the requested model'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: ['rate_limit_error', 'Number of requests has exceeded your per-minute rate limit'],
  500: ['api_error', 'Internal server error'],
  529: ['overloaded_error', 'Overloaded'],
}

function failStatus(response: ServerResponse, status: number, message?: string, retryAfter?: number): void {
  const [type, usual] = statuses[status] ?? ['api_error', 'Internal server error']
  const headers: Record<string, string> =
    status === 429 ? { 'anthropic-ratelimit-requests-limit': '50', 'anthropic-ratelimit-requests-remaining': '0' } : {}
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  writeError(response, { status, type, message: message ?? usual }, headers)
}

// The first bytes, then silence: until the client gives up, or for as long as the script says.
function stall(response: ServerResponse, message: ApiReply, stream: boolean, forMs: number | undefined): void {
  if (stream) breakStream(response, message, () => undefined)
  if (forMs === undefined) return
  const timer = setTimeout(() => response.destroy(), forMs)
  response.on('close', () => clearTimeout(timer))
}

function breakStream(response: ServerResponse, message: ApiReply, end: () => void, within?: ApiReply['content'][number]): void {
  beginStream(response, message, {})
  writeBlock(response, within ?? { type: 'text', text: brokenOff }, 0, false)
  // The written part must reach the client before the end does.
  response.write('', () => end())
}
