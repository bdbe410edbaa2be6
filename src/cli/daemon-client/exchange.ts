import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Failure } from '../../foundation/failure.ts'
import type { ErrorResponse } from '../../protocol/responses.ts'
import { DaemonRefusal } from '../failures.ts'
import type { Endpoint } from './endpoint.ts'

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Doing it twice is doing it once, so a broken connection may be asked again. */
  readonly isRepeatable?: boolean
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal
}

/**
 * One request and its answer. node:http and not fetch, whose first use loads undici: measured 100 ms against 8 ms of start-up
 * on the machine where `orch spawn` has 150 ms for everything.
 */
export async function exchange(endpoint: Endpoint, call: Call): Promise<unknown> {
  const response = await open(endpoint, call)
  const text = await readAll(response)
  const value = parse(text)
  if ((response.statusCode ?? 500) < 300 && value !== undefined) return value
  throw isErrorResponse(value) ? new DaemonRefusal(value.error) : foreignAnswer(response.statusCode)
}

/** The open response: for streams. Rejects with the socket's error when nothing listens. */
export function open(endpoint: Endpoint, call: Call, started: (request: ClientRequest) => void = () => {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const headers = {
      authorization: `Bearer ${endpoint.token}`,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    }
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: endpoint.port,
        path: call.path,
        method: call.method,
        headers,
        agent: false,
        ...(call.signal && { signal: call.signal }),
      },
      resolve,
    )
    request.once('error', reject)
    started(request)
    request.end(body)
  })
}

async function readAll(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const piece of response) text += String(piece)
  return text
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isErrorResponse(value: unknown): value is ErrorResponse {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false
  const { error } = value
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string' && 'exitCode' in error
}

function foreignAnswer(status: number | undefined): Failure {
  return new Failure(
    'foreign-answer',
    `What listens on the daemon's port gave an answer that is not the daemon's (HTTP ${status ?? '?'}).`,
    { next: 'orch daemon stop, then the same command again' },
  )
}
