import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Failure } from '../foundation/failure.ts'
import { readConversation, type Conversation, type Membership } from './conversation.ts'
import { fail, failLimit, limitHeaders, writeError } from './failures.ts'
import { checkHeaders, checkRequest, type ApiRefusal, type ApiRequest } from './api/request-check.ts'
import { toApiReply, tokens, unique, writeStream, writeWhole } from './api/reply-stream.ts'
import { chooseObstacle, ObstacleLedger, type Hurdle } from './obstacles.ts'
import { RequestBook, type RequestListener, type RequestRecord } from './request-book.ts'
import type { Script } from './script/script.ts'

export type { RequestRecord } from './request-book.ts'

export interface ModelServer {
  readonly url: string
  readonly port: number
  /** Every request since the start, in order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** Called when a request is decided, before it is answered; `body` is the raw request. Returns the way to stop listening. */
  onRequest(listener: RequestListener): () => void
  /** The first request, past or coming, that fits; throws `rehearsal.no-such-request` after the deadline. */
  waitForRequest(fits: (record: RequestRecord) => boolean, deadlineMs?: number): Promise<RequestRecord>
  stop(): Promise<void>
}

export interface ModelServerOptions {
  readonly script: Script
  /** 0 takes any free port. */
  readonly port?: number
  /** A file that gets one JSON line per request, mode 0600. */
  readonly recordFile?: string
}

const mostBytes = 32 * 1024 * 1024

/** The scripted Messages API on loopback. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const live = new LiveServer(options)
  await live.listen(options.port ?? 0)
  return live
}

class LiveServer implements ModelServer {
  port = 0
  readonly #script: Script
  readonly #book: RequestBook
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #members = new Map<string, Membership>()
  readonly #ledger = new ObstacleLedger()
  #reopening: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: ModelServerOptions) {
    this.#script = options.script
    this.#book = new RequestBook(options.recordFile)
    // A request may wait long for its scripted delay; Node's own limits must not end it.
    this.#server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => this.#crash(response, error))
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new Failure('rehearsal.port', `The rehearsal server cannot listen on port ${port}.`, { cause })),
      )
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    this.#server.removeAllListeners('error')
    // Somebody took the port while the door was closed: try again until it is free.
    this.#server.on('error', () => this.#reopenIn(100))
    this.port = (this.#server.address() as AddressInfo).port
  }

  get requests(): readonly RequestRecord[] {
    return this.#book.records
  }

  onRequest(listener: RequestListener): () => void {
    return this.#book.onRequest(listener)
  }

  waitForRequest(fits: (record: RequestRecord) => boolean, deadlineMs = 10_000): Promise<RequestRecord> {
    return this.#book.waitFor(fits, deadlineMs)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#reopening)
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://loopback').pathname
    if (request.method === 'HEAD' || (request.method === 'GET' && (path === '/' || path === '/api/hello')))
      return this.#answerProbe(request, response, path)
    const body = await readBody(request)
    if (body === undefined)
      return this.#refuse(response, path, mostBytes, {
        status: 413,
        type: 'request_too_large',
        message: 'Request exceeds the maximum size',
      })
    const refusal = checkRoute(request.method, path) ?? checkHeaders(request.headers)
    if (refusal !== undefined) return this.#refuse(response, path, Buffer.byteLength(body), refusal)
    const counting = path.endsWith('/count_tokens')
    const checked = checkRequest(body, { needsMaxTokens: !counting })
    if (checked.kind === 'refused') return this.#refuse(response, path, Buffer.byteLength(body), checked, body)
    const conversation = readConversation(this.#script, checked.request, request.headers, (session) => this.#members.get(session))
    if (conversation.role === 'session') this.#members.set(conversation.session, conversation)
    if (counting) return this.#answerCount(response, path, body, conversation)
    await this.#answerMessages(response, path, body, checked.request, conversation)
  }

  async #answerMessages(
    response: ServerResponse,
    path: string,
    body: string,
    request: ApiRequest,
    conversation: Conversation,
  ): Promise<void> {
    const hurdle = chooseObstacle(this.#ledger, conversation, Date.now())
    this.#record(path, body, conversation, hurdle.kind === 'failure' || hurdle.kind === 'limited' ? 'failure' : 'reply', detailOf(hurdle))
    if (conversation.reply.delayMs > 0 && !(await pause(conversation.reply.delayMs, response))) return
    const message = toApiReply(conversation.reply, conversation.position, request.model, tokens(body))
    if (hurdle.kind === 'limited') return failLimit(response, hurdle.limit, hurdle.resetsAtMs, Date.now())
    if (hurdle.kind === 'failure') return fail(response, hurdle.failure, message, request.stream, (forMs) => this.#refuseConnections(forMs))
    const headers = {
      'request-id': `req_01${unique()}`,
      ...(hurdle.kind === 'warned' ? limitHeaders(hurdle.limit, hurdle.resetsAtMs) : {}),
    }
    if (request.stream) writeStream(response, message, headers)
    else writeWhole(response, message, headers)
  }

  #answerProbe(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.#book.keep({ ...this.#blank(path, 0), role: 'probe', outcome: 'reply', detail: request.method ?? '' }, '')
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify({ message: 'hello' }))
  }

  #answerCount(response: ServerResponse, path: string, body: string, conversation: Conversation): void {
    this.#book.keep(
      {
        ...this.#blank(path, Buffer.byteLength(body)),
        role: 'count-tokens',
        session: conversation.session,
        task: conversation.task,
        outcome: 'reply',
        detail: '',
      },
      body,
    )
    const answer = JSON.stringify({ input_tokens: tokens(body) })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
    response.end(answer)
  }

  #refuse(response: ServerResponse, path: string, bytes: number, refusal: ApiRefusal, body = ''): void {
    this.#book.keep(
      { ...this.#blank(path, bytes), role: 'refused', outcome: 'refused', detail: `${refusal.status} ${refusal.message}` },
      body,
    )
    writeError(response, refusal)
  }

  #record(path: string, body: string, conversation: Conversation, outcome: RequestRecord['outcome'], detail: string): void {
    const { role, session, task, reviewer, position } = conversation
    this.#book.keep(
      {
        ...this.#blank(path, Buffer.byteLength(body)),
        role,
        session,
        task,
        ...(reviewer !== undefined && { reviewer }),
        turn: position.turn,
        step: position.step,
        outcome,
        detail,
      },
      body,
    )
  }

  #blank(path: string, bytes: number) {
    return {
      at: new Date().toISOString(),
      number: this.#book.records.length + 1,
      path,
      session: '',
      task: undefined,
      turn: 0,
      step: 0,
      bytes,
    }
  }

  // A refused connection needs a closed door: nobody listens on the port until the time is over.
  #refuseConnections(forMs: number): void {
    if (this.#reopening !== undefined) return
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    this.#reopenIn(forMs)
  }

  #reopenIn(forMs: number): void {
    this.#reopening = setTimeout(() => {
      this.#reopening = undefined
      if (!this.#stopped) this.#server.listen(this.port, '127.0.0.1')
    }, forMs)
  }

  #crash(response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) return void response.destroy()
    writeError(response, {
      status: 500,
      type: 'api_error',
      message: `rehearsal: ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}

function checkRoute(method: string | undefined, path: string): ApiRefusal | undefined {
  if (path !== '/v1/messages' && path !== '/v1/messages/count_tokens') return { status: 404, type: 'not_found_error', message: 'Not Found' }
  if (method !== 'POST') return { status: 405, type: 'invalid_request_error', message: 'Method Not Allowed' }
  return undefined
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= mostBytes) chunks.push(chunk)
  }
  return size > mostBytes ? undefined : Buffer.concat(chunks).toString('utf8')
}

/** The scripted thinking time; false when the client went away meanwhile. */
function pause(forMs: number, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => {
      clearTimeout(timer)
      resolve(false)
    }
    const timer = setTimeout(() => {
      response.off('close', gone)
      resolve(!response.destroyed)
    }, forMs)
    response.once('close', gone)
  })
}

function detailOf(hurdle: Hurdle): string {
  if (hurdle.kind === 'limited') return `limit ${hurdle.limit.type}`
  if (hurdle.kind !== 'failure') return ''
  return 'status' in hurdle.failure && hurdle.failure.status !== undefined
    ? String(hurdle.failure.status)
    : String('kind' in hurdle.failure ? hurdle.failure.kind : '')
}
