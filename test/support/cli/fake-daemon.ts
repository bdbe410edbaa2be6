import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import * as v from 'valibot'
import {
  AnswerRequest,
  CleanupRequest,
  DecideRequest,
  MergeRequest,
  ResumeRequest,
  RunRequest,
  SendRequest,
  SpawnRequest,
  StopRequest,
  TaskRequest,
  TestAllRequest,
} from '../../../src/protocol/requests.ts'
import type { TaskStatus } from '../../../src/protocol/task-status.ts'

const SCHEMAS: Readonly<Record<string, v.GenericSchema>> = {
  '/v1/run': RunRequest,
  '/v1/spawn': SpawnRequest,
  '/v1/send': SendRequest,
  '/v1/pause': TaskRequest,
  '/v1/resume': ResumeRequest,
  '/v1/stop': StopRequest,
  '/v1/answer': AnswerRequest,
  '/v1/decide': DecideRequest,
  '/v1/merge': MergeRequest,
  '/v1/cleanup': CleanupRequest,
  '/v1/test-all': TestAllRequest,
  '/v1/daemon/stop': v.strictObject({}),
}

export interface FakeDaemon {
  readonly requests: { readonly path: string; readonly body: unknown }[]
  /** What paths answer; a path without an answer is refused. */
  readonly answers: Map<string, { readonly status: number; readonly body: unknown }>
  tasks: readonly TaskStatus[]
  /** How many follow its events. */
  following(): number
  /** Sends an event to all that listen. */
  tell(event: string, body: unknown): void
  close(): Promise<void>
}

/** As strict as the real one: token, schema and path must be right. Listens for the home's clients. */
export async function startFakeDaemon(home: string, version: string): Promise<FakeDaemon> {
  const token = randomBytes(16).toString('hex')
  const listeners = new Set<ServerResponse>()
  const fake: FakeDaemon = {
    requests: [],
    answers: new Map(),
    tasks: [],
    following: () => listeners.size,
    tell: (event, body) => listeners.forEach((listener) => void listener.write(`event: ${event}\ndata: ${JSON.stringify(body)}\n\n`)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  const server = createServer((request, response) => void serve(fake, token, listeners, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  mkdirSync(home, { recursive: true, mode: 0o700 })
  writeFileSync(join(home, 'daemon.token'), JSON.stringify(token), { mode: 0o600 })
  writeFileSync(
    join(home, 'daemon.json'),
    JSON.stringify({ pid: process.pid, port: (server.address() as AddressInfo).port, startedAt: new Date().toISOString(), version }),
  )
  return fake
}

async function serve(
  fake: FakeDaemon,
  token: string,
  listeners: Set<ServerResponse>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  if (request.headers.authorization !== `Bearer ${token}`) return refuse(response, 401, 'wrong-token', 'wrong token')
  if (path === '/v1/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: hello\ndata: ${JSON.stringify({ schema: 1, at: new Date().toISOString(), tasks: fake.tasks })}\n\n`)
    listeners.add(response)
    response.on('close', () => listeners.delete(response))
    return
  }
  let text = ''
  for await (const piece of request) text += String(piece)
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  const schema = SCHEMAS[path]
  if (request.method === 'POST' && (schema === undefined || !v.safeParse(schema, body).success))
    return refuse(response, 400, 'bad-request', `body of ${path} does not fit: ${text.slice(0, 500)}`)
  fake.requests.push({ path: request.url ?? '', body })
  const answer = fake.answers.get(path)
  if (answer === undefined) return refuse(response, 404, 'no-answer', `the test has no answer for ${path}`)
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code, message, exitCode: 1 } }))
}
