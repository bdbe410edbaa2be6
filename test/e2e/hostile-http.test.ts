import { existsSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { MOST_PER_MINUTE } from '../../src/domain/board/rate.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { until } from '../support/eventually.ts'
import { COMMITS, expectHarmless, shellAgent, walk } from '../support/fleet/hostile.ts'

interface Door {
  readonly port: number
  readonly token: string
}

function doorOf(scene: FleetScene): Door {
  const { port } = JSON.parse(readFileSync(join(scene.orch.orchHome, 'daemon.json'), 'utf8')) as { port: number }
  return { port, token: JSON.parse(readFileSync(join(scene.orch.orchHome, 'daemon.token'), 'utf8')) as string }
}

interface Answer {
  readonly status: number
  readonly text: string
}

function knock(
  door: Door,
  options: { path?: string; method?: string; headers?: Record<string, string>; body?: string | Buffer; token?: string | undefined },
): Promise<Answer> {
  const token = 'token' in options ? options.token : door.token
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...options.headers }
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port: door.port, path: options.path ?? '/v1/tasks', method: options.method ?? 'GET', headers, agent: false },
      (response: IncomingMessage) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}

fleetTest('the door opens for the token alone, by its own name, and for no web page', async ({ fleet }) => {
  const scene = await fleet.begin({ config: shellAgent(COMMITS) })
  await scene.run(['daemon', 'start'])
  const door = doorOf(scene)
  expect((await knock(door, {})).status).toBe(200)
  const refused = [
    { token: undefined },
    { token: '' },
    { token: 'x'.repeat(64) },
    { token: door.token.slice(1) },
    { token: `${door.token}0` },
    { headers: { host: 'evil.example' } },
    { headers: { host: `evil.example:${door.port}` } },
    { headers: { host: `127.0.0.1.evil.example:${door.port}` } },
    { headers: { origin: 'https://evil.example' } },
    { headers: { origin: 'null' } },
    { headers: { origin: `http://127.0.0.1:${door.port + 1}` } },
    { method: 'OPTIONS', token: undefined, headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } },
    { path: '/v1/daemon/stop', method: 'POST', token: 'wrong' },
    { path: '/v1/events', token: undefined },
  ]
  for (const attempt of refused) {
    const answer = await knock(door, attempt)
    expect(answer.status, JSON.stringify(attempt)).toBe(403)
    expect(answer.text).not.toContain(door.token)
  }
  expect((await knock(door, {})).status).toBe(200)
})

fleetTest('bodies, paths and names that are no requests are refused, and the daemon goes on', async ({ fleet }) => {
  const scene = await fleet.begin({ config: shellAgent(COMMITS) })
  await scene.run(['daemon', 'start'])
  const door = doorOf(scene)
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    knock(door, { method: 'POST', path, body, headers: { 'content-type': 'application/json', ...headers } })
  for (const body of [
    '',
    '{',
    'null',
    '[]',
    '{"cwd":1}',
    '{"__proto__":{"x":1}}',
    '{"cwd":"/","kind":"spawned","environment":{},"extra":1}',
    '"'.repeat(1000),
    '['.repeat(200_000),
    '\u0000',
    Buffer.from([0xff, 0xfe]),
  ]) {
    const answer = await post('/v1/spawn', body)
    expect(answer.status, String(body).slice(0, 40)).toBe(400)
    expectHarmless(answer.text, 'the answer')
  }
  const hostileCwd = ['/proc/self/root', '/dev/null', '../..', '/nonexistent', `/${'a/'.repeat(1500)}`, 'a\u0000b', '-c', '']
  for (const cwd of hostileCwd) {
    const answer = await post('/v1/spawn', JSON.stringify({ cwd, kind: 'spawned', name: 'x', prompt: 'x', environment: {} }))
    expect([400, 404, 409, 422], `${JSON.stringify(cwd)}: ${answer.text}`).toContain(answer.status)
    expect(answer.text).not.toMatch(/ at .*\.js:/)
  }
  for (const path of [
    '/v1/merge/..%2f..%2fetc',
    '/v1/../../etc/passwd',
    '/v1/tasks/log?cwd=/&name=../../../etc/passwd',
    '/v1/tasks/log?cwd=/&name=%00',
    '/v1/tasks/log?name=x&after=1e999',
    '//evil.example/v1/tasks',
    '/v1/%ff',
  ]) {
    const answer = await knock(door, { path })
    expect(answer.status, path).toBeGreaterThanOrEqual(400)
    expect(answer.status, `${path}: ${answer.text}`).toBeLessThan(500)
  }
  const huge = Buffer.alloc(17_000_000, 'x')
  expect((await post('/v1/spawn', huge).catch(() => ({ status: 413 }))).status).toBe(413)
  // Without a length there is nothing to refuse at first: it must be counted.
  const chunked = await knock(door, {
    method: 'POST',
    path: '/v1/spawn',
    body: Buffer.alloc(40_000_000, 'x'),
    headers: { 'transfer-encoding': 'chunked' },
  }).catch(() => ({ status: 413 }))
  expect([400, 413]).toContain(chunked.status)
  const { rssBytes } = JSON.parse((await knock(door, { path: '/v1/daemon' })).text) as { rssBytes: number }
  expect(rssBytes).toBeLessThan(250_000_000)
})

fleetTest('clients that are slow or stop reading cost the daemon little, and hold up nobody', async ({ fleet }) => {
  const scene = await fleet.begin({ config: shellAgent(COMMITS, 'validate: "true"\nland: review\n') })
  await scene.run(['daemon', 'start'])
  const door = doorOf(scene)
  const rss = async (): Promise<number> => (JSON.parse((await knock(door, { path: '/v1/daemon' })).text) as { rssBytes: number }).rssBytes
  const talkers = ['one', 'two', 'three', 'four']
  for (const talker of talkers) expect((await scene.run(['spawn', talker, 'p'])).code).toBe(0)
  await scene.untilStatus(talkers, 'Review')
  const sockets: Socket[] = []
  try {
    for (let number = 0; number < 100; number++) {
      const socket = connect(door.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(`GET /v1/events HTTP/1.1\r\nhost: 127.0.0.1:${door.port}\r\nauthorization: Bearer ${door.token}\r\n\r\n`)
      await new Promise((resolve) => socket.once('readable', resolve))
      socket.pause()
      sockets.push(socket)
    }
    const slow = connect(door.port, '127.0.0.1')
    slow.on('error', () => undefined)
    slow.write(
      `POST /v1/spawn HTTP/1.1\r\nhost: 127.0.0.1:${door.port}\r\nauthorization: Bearer ${door.token}\r\ncontent-length: 1000\r\n\r\n{`,
    )
    sockets.push(slow)
    const before = await rss()
    const outboxes = talkers.map((talker) => join(scene.status(talker)?.worktree ?? '', '.orch/outbox'))
    for (let number = 0; number < MOST_PER_MINUTE; number++) for (const outbox of outboxes) leaveMessage(outbox, number)
    await until(() => outboxes.every((outbox) => readdirSync(outbox).length === 0), { what: 'the outboxes are read', deadlineMs: 60_000 })
    // 120 statuses of 80 KB for each of 100 readers would be 900 MB.
    expect((await rss()) - before).toBeLessThan(150_000_000)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  expect((await knock(door, {})).status).toBe(200)
})

/** As long as a message may be, and there in one piece. */
function leaveMessage(outbox: string, number: number): void {
  const name = `${String(number).padStart(5, '0')}.md`
  const at = `2026-01-01T00:00:00.${String(number).padStart(3, '0')}Z`
  writeFileSync(join(outbox, `.${name}`), `---\nv: 1\nkind: tell\nat: ${at}\n---\n${'m'.repeat(3900)}${number}\n`)
  renameSync(join(outbox, `.${name}`), join(outbox, name))
}

fleetTest("no key is written anywhere but with the environments, and everything is the owner's alone", async ({ fleet }) => {
  const secret = 'sk-ant-SECRET-4711'
  const scene = await fleet.begin({
    tasks: '- [ ] One\n  - id: one\n- [ ] Two\n  - id: two\n',
    environment: { ANTHROPIC_API_KEY: secret, OTHER_TOKEN: secret },
  })
  const seen: string[] = []
  const look = (): void => {
    for (const pid of existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        if (line.includes(secret)) seen.push(line)
      } catch {
        // It has ended.
      }
    }
  }
  expect((await scene.run(['run', '--detach'])).code).toBe(0)
  await until(() => (look(), ['one', 'two'].every((task) => scene.status(task)?.status === 'Merged')), {
    what: 'both are merged',
    deadlineMs: 60_000,
  })
  for (const command of [['list', '--json'], ['logs', 'one'], ['cleanup']]) {
    const { stdout, stderr } = await scene.run(command)
    expect(stdout + stderr).not.toContain(secret)
  }
  expect(seen).toEqual([])
  const holding: string[] = []
  const open: string[] = []
  for (const { path, kind } of walk(scene.orch.orchHome)) {
    const at = join(scene.orch.orchHome, path)
    const mode = statSync(at, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) !== 0) open.push(`${path} ${(mode & 0o777).toString(8)}`)
    if (kind === 'file' && !path.startsWith('environments/') && !path.includes('/slots/') && readFileSync(at).includes(secret))
      holding.push(path)
  }
  expect(holding).toEqual([])
  expect(open.filter((line) => !line.includes('/slots/'))).toEqual([])
  expect(statSync(scene.orch.orchHome).mode & 0o777).toBe(0o700)
})
