import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { until } from '../eventually.ts'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly path: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A receiver of web hooks on loopback: keeps what it gets, and answers as it is told. */
export class Receiver {
  readonly received: Received[] = []
  /** Asked for each request, by its number from 1 on; `hang` answers nothing. */
  answer: (count: number) => Answer | 'hang' = () => ({ status: 200 })
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () =>
      this.#take({ headers: request.headers, body: Buffer.concat(parts).toString('utf8'), path: request.url ?? '' }, response),
    )
  })

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => receiver.close())
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/services/SECRET-PATH`
  }

  async untilReceived(count: number): Promise<void> {
    await until(() => this.received.length >= count, { what: `${count} requests` })
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => void this.#server.close(() => resolve()))
  }

  #take(received: Received, response: ServerResponse): void {
    this.received.push(received)
    const answer = this.answer(this.received.length)
    if (answer === 'hang') return
    response.writeHead(answer.status, answer.headers)
    response.end('ok')
  }
}
