import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect, onTestFinished, test } from 'vitest'
import { personsContext } from '../../../../test/support/cli/persons-context.ts'
import { callThatWaits, daemonAtWork, knownProject, textOf } from '../../../../test/support/mcp/mcp-scene.ts'
import { until } from '../../../../test/support/eventually.ts'
import { withResolvers } from '../../../foundation/with-resolvers.ts'
import type { Context } from '../../context.ts'
import { serveShared, type Address } from './shared-server.ts'

interface Shared {
  readonly address: Address
  readonly isNew: boolean
  readonly context: Context
  end(): Promise<void>
}

async function start(context = personsContext()): Promise<Shared> {
  const interruption = new AbortController()
  const listening = withResolvers<{ address: Address; isNew: boolean }>()
  const ended = serveShared({ ...context, interruption: () => interruption.signal }, (address, isNew) =>
    listening.resolve({ address, isNew }),
  )
  ended.catch(listening.reject)
  const end = async () => {
    interruption.abort()
    await ended
  }
  onTestFinished(end)
  return { ...(await listening.promise), context, end }
}

async function connect({ address }: Shared, headers: Record<string, string>, mode: 'legacy' | 'auto' = 'legacy'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  const requestInit = { headers: { authorization: `Bearer ${address.token}`, ...headers } }
  await client.connect(new StreamableHTTPClientTransport(new URL(address.url), { requestInit }))
  onTestFinished(() => client.close())
  return client
}

test('one server answers clients of several projects, and in the name of the person only whoever says so', async () => {
  const shared = await start()
  const { home } = shared.context
  const [shop, blog] = ['shop', 'blog'].map((name) => join(home, name)) as [string, string]
  for (const folder of [shop, blog]) mkdirSync(join(folder, '.git'), { recursive: true })
  knownProject(home, 'blog', blog)
  const status = async (client: Client, input = {}) => textOf(await client.callTool({ name: 'status', arguments: input }))

  const inShop = await connect(shared, { 'orch-client': 'person', 'orch-repository': shop })
  expect(await status(inShop)).toBe('shop: no sessions')
  expect(await status(inShop, { repository: 'blog' })).toBe('blog: no sessions')
  expect(textOf(await inShop.callTool({ name: 'approve', arguments: { ids: ['m1'] } }))).toContain('nothing waits for you under "m1"')

  const nowhere = await connect(shared, { 'orch-client': 'person', 'orch-repository': '${PWD}' })
  expect(await status(nowhere)).toContain('There is no folder where the client says that it stands')
  expect(await status(nowhere, { repository: 'blog' })).toBe('blog: no sessions')

  for (const client of ['a-session', '${ORCH_SESSION:-person}', 'Person']) {
    const session = await connect(shared, { 'orch-client': client, 'orch-repository': blog })
    expect(await status(session)).toBe('blog: no sessions')
    expect(textOf(await session.callTool({ name: 'approve', arguments: { ids: ['m1'] } })), client).toContain('only the person says this')
  }
})

test.each([
  ['legacy', '2025-11-25'],
  ['auto', '2026-07-28'],
] as const)(
  'a client of the revision that is %s is told how far a long call is; when it goes, the waiting ends and the work does not',
  async (mode, revision) => {
    const shared = await start()
    const { home } = shared.context
    const { daemon } = await daemonAtWork(home)
    const client = await connect(shared, { 'orch-client': 'person', 'orch-repository': home }, mode)
    expect(client.getNegotiatedProtocolVersion()).toBe(revision)
    const { heard, ended } = callThatWaits(client)
    await until(() => heard.length > 0 && daemon.following() === 1, { what: 'progress is told' })
    await client.close()
    expect(await ended).toBe('not answered')
    await until(() => daemon.following() === 0, { what: 'the waiting has ended' })
    expect(daemon.requests.map(({ path }) => path)).toEqual(['/v1/run'])
  },
)

interface Knock {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

function knock(
  { address }: Shared,
  { method = 'POST', path = '/mcp', headers = {}, body = method === 'POST' ? PING : '' }: Knock,
): Promise<{ status: number; text: string }> {
  const usual = {
    authorization: `Bearer ${address.token}`,
    'orch-client': 'person',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL(path, address.url), { method, headers: { ...usual, ...headers }, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })

test('the door opens for the token alone, by its own name, and for no web page', async () => {
  const shared = await start()
  const { port } = new URL(shared.address.url)
  expect((await knock(shared, {})).status).toBe(200)
  const refused: readonly (readonly [number, Knock])[] = [
    [403, { headers: { authorization: '' } }],
    [403, { headers: { authorization: `Bearer ${'x'.repeat(64)}` } }],
    [403, { headers: { authorization: `Bearer ${shared.address.token}0` } }],
    [403, { headers: { host: 'evil.example' } }],
    [403, { headers: { host: `127.0.0.1.evil.example:${port}` } }],
    [403, { headers: { origin: 'https://evil.example' } }],
    [403, { headers: { origin: 'null' } }],
    [403, { method: 'OPTIONS', headers: { authorization: '', origin: 'https://evil.example' } }],
    [404, { path: '/' }],
    [404, { path: '/v1/daemon/stop' }],
    [400, { headers: { 'orch-client': '' } }],
    [405, { method: 'GET' }],
    [405, { method: 'DELETE' }],
    [415, { headers: { 'content-type': 'text/plain' } }],
    [400, { body: '{' }],
    [400, { body: 'null' }],
  ]
  for (const [status, attempt] of refused) {
    const answer = await knock(shared, attempt)
    expect(answer.status, JSON.stringify(attempt).slice(0, 200)).toBe(status)
    expect(answer.text).not.toContain(shared.address.token)
  }
  const huge = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'status', arguments: { a: 'x'.repeat(1_200_000) } } }
  // The connection may be gone before all of it was sent.
  expect([413, 'ECONNRESET', 'EPIPE']).toContain(
    await knock(shared, { body: JSON.stringify(huge) }).then(
      ({ status }) => status,
      ({ code }: NodeJS.ErrnoException) => code,
    ),
  )
  expect((await knock(shared, {})).status).toBe(200)
})

test('a second one says where the first one listens; the next one keeps port and token', async () => {
  const first = await start()
  const token = join(first.context.home, 'mcp.token')
  expect(statSync(token).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(token, 'utf8'))).toBe(first.address.token)
  const second = await start(first.context)
  expect(second).toMatchObject({ isNew: false, address: first.address })
  await first.end()
  await expect(fetch(first.address.url)).rejects.toThrow()
  const third = await start(first.context)
  expect(third).toMatchObject({ isNew: true, address: { url: first.address.url, token: first.address.token } })
})
