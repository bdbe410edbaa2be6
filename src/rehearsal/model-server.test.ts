import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { failureCode } from '../foundation/failure.ts'
import { startModelServer, type ModelServer, type ModelServerOptions } from './model-server.ts'
import { startModelServerChild } from './model-server-child.ts'
import { parseScript } from './script/script.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function serve(text: string, more: Omit<ModelServerOptions, 'script'> = {}): Promise<ModelServer> {
  const parsed = parseScript(text)
  if (parsed.kind !== 'script') throw new Error(JSON.stringify(parsed.problems))
  const server = await startModelServer({ script: parsed.script, ...more })
  closing.push(() => server.stop())
  return server
}

const headers = { 'x-api-key': 'sk-ant-fake', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }
const begin = { role: 'user', content: '[orch task api] go' }
const sound = { model: 'claude-test', max_tokens: 100, messages: [begin] }
const script = `sessions: [ { match: { task: api }, steps: [ { text: hello, bash: ls }, { end: "bye" } ] } ]`

const post = (server: ModelServer, body: unknown, path = '/v1/messages', more: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...headers, ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

interface Answer {
  content: { type: string; id: string; text?: string }[]
  stop_reason: string
}

describe('who reviews and what is answered', () => {
  const text = `sessions:
  - match: { task: api }
    steps: [ { bash: "orch answer {{message}} cents" } ]
  - match: { review: api, by: docs }
    steps: [ { verdict: { findings: [ { path: a.ts, what: wrong } ] } } ]
  - match: { review: api }
    steps: [ { end: "not me" } ]
`
  const answerTo = async (server: ModelServer, ...said: string[]): Promise<unknown> => {
    const [first = '', ...later] = said
    const messages = [
      { role: 'user', content: first },
      ...later.flatMap((content) => [
        { role: 'assistant', content: 'ok' },
        { role: 'user', content },
      ]),
    ]
    const { content } = (await (await post(server, { ...sound, messages })).json()) as { content: { input?: unknown; text?: string }[] }
    return content[0]?.input ?? content[0]?.text
  }

  test('a review is told from the task it judges, and who has nothing scripted approves', async () => {
    const server = await serve(text)
    expect(await answerTo(server, '[orch review of api by docs]\n\nJudge [orch task web].')).toMatchObject({
      outcome: 'findings',
      findings: [{ path: 'a.ts', severity: 'must', what: 'wrong' }],
    })
    expect(await answerTo(server, '[orch review of api by security]')).toBe('not me')
    expect(await answerTo(server, '[orch review of pay.web by docs]')).toMatchObject({ outcome: 'approve', findings: [] })
    expect(server.requests.map(({ task, reviewer }) => [task, reviewer])).toEqual([
      ['api', 'docs'],
      ['api', 'security'],
      ['pay.web', 'docs'],
    ])
  })

  test('an answer names the message that was heard last', async () => {
    const server = await serve(text)
    const command = (id: string) => ({ command: `orch answer ${id} cents` })
    expect(await answerTo(server, '[orch task api] go')).toMatchObject(command('m0'))
    const turn = await serve(
      text.replace('cents" } ]', 'cents" } ]\n    turns: [ { when: question, steps: [ { bash: "orch answer {{message}} yes" } ] } ]'),
    )
    const both = '[orch m12 question from web] Which?\n[orch m13 context from docs] I begin.'
    expect(await answerTo(turn, '[orch task api] go', both)).toMatchObject({ command: 'orch answer m12 yes' })
    const other = await serve(text.replace('steps: [ {', 'steps: [ { end: waiting }, {'))
    expect(await answerTo(other, '[orch task api] go\n[orch m3 context from web] x', '[orch m12 question from web] Which?')).toMatchObject(
      command('m12'),
    )
  })
})

describe('as strict as the API', () => {
  const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} }] }
  const resultOf = (id: string) => ({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] })
  test.each([
    ['no messages', { ...sound, messages: undefined }, 'messages: Field required'],
    ['empty messages', { ...sound, messages: [] }, 'messages: at least one message is required'],
    ['no model', { ...sound, model: undefined }, 'model: Field required'],
    ['no max_tokens', { ...sound, max_tokens: undefined }, 'max_tokens: Field required'],
    ['max_tokens 0', { ...sound, max_tokens: 0 }, 'max_tokens: must be greater than or equal to 1'],
    ['no JSON', '{', 'The request body is not valid JSON'],
    [
      'unknown block',
      { ...sound, messages: [{ role: 'user', content: [{ type: 'hologram' }] }] },
      "messages.0.content.0: Input tag 'hologram' found",
    ],
    [
      'empty text',
      { ...sound, messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      'messages: text content blocks must be non-empty',
    ],
    ['wrong role', { ...sound, messages: [{ role: 'robot', content: 'x' }] }, "messages.0.role: Input should be 'user' or 'assistant'"],
    ['assistant first', { ...sound, messages: [{ role: 'assistant', content: 'x' }] }, 'messages: first message must use the "user" role'],
    [
      'result without call',
      { ...sound, messages: [begin, use, resultOf('toolu_2')] },
      'messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_2',
    ],
    [
      'result too late',
      { ...sound, messages: [begin, use, resultOf('toolu_1'), { role: 'assistant', content: 'x' }, resultOf('toolu_1')] },
      'messages.4.content.0: unexpected `tool_use_id`',
    ],
    [
      'call without result',
      { ...sound, messages: [begin, use, begin] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1',
    ],
    ['open call', { ...sound, messages: [begin, use] }, 'messages.1: `tool_use` ids were found without'],
    ['repeated id', { ...sound, messages: [begin, use, resultOf('toolu_1'), use, resultOf('toolu_1')] }, '`tool_use` ids must be unique'],
    ['tools twice', { ...sound, tools: [{ name: 'a' }, { name: 'a' }] }, 'tools: Tool names must be unique.'],
  ])('%s', async (_name, body, message) => {
    const server = await serve(script)
    const response = await post(server, body)
    const answer = (await response.json()) as { error: { message: string } }
    expect(response.status).toBe(400)
    expect(answer).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
      request_id: expect.stringMatching(/^req_/) as string,
    })
    expect(answer.error.message).toContain(message)
    expect(server.requests[0]?.outcome).toBe('refused')
  })

  test('two results for two calls may come in two messages', async () => {
    const two = { role: 'assistant', content: ['a', 'b'].map((id) => ({ type: 'tool_use', id, name: 'Bash', input: {} })) }
    expect((await post(await serve(script), { ...sound, messages: [begin, two, resultOf('a'), resultOf('b')] })).status).toBe(200)
  })

  test('keys, versions, paths and methods', async () => {
    const server = await serve(script)
    const status = async (more: RequestInit, path = '/v1/messages') =>
      (await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(sound), ...more })).status
    expect(await status({ headers: { ...headers, 'x-api-key': '' } })).toBe(401)
    expect(await status({ headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' } })).toBe(401)
    expect(
      await status({ headers: { authorization: 'Bearer t', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' } }),
    ).toBe(200)
    expect(await status({ headers: { ...headers, 'anthropic-version': '2024-01-01' } })).toBe(400)
    expect(await status({ headers: { 'x-api-key': 'k', 'content-type': 'application/json' } })).toBe(400)
    expect(await status({}, '/v1/complete')).toBe(404)
    expect(await status({ method: 'PUT' })).toBe(405)
    expect(await status({ method: 'HEAD', body: null }, '/')).toBe(200)
    expect(await status({ method: 'GET', body: null }, '/api/hello')).toBe(200)
    expect(await status({ body: `{"model":"${'x'.repeat(33 * 1024 * 1024)}"}` })).toBe(413)
  })
})

describe('answers', () => {
  test('a plain request gets the message, the next one the next step, and a counted one its tokens', async () => {
    const server = await serve(script)
    const first = (await (await post(server, sound)).json()) as Answer
    expect(first).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-test',
      stop_reason: 'tool_use',
      content: [
        { type: 'text', text: 'hello' },
        { type: 'tool_use', name: 'Bash' },
      ],
    })
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: first.content[1]?.id, content: 'x' }] }
    const second = (await (
      await post(server, { ...sound, messages: [begin, { role: 'assistant', content: first.content }, result] })
    ).json()) as Answer
    expect(second).toMatchObject({ stop_reason: 'end_turn', content: [{ text: 'bye' }] })
    expect(await (await post(server, { ...sound, max_tokens: undefined }, '/v1/messages/count_tokens')).json()).toEqual({
      input_tokens: expect.any(Number) as number,
    })
    expect(server.requests.map((one) => [one.role, one.task, one.step])).toEqual([
      ['session', 'api', 0],
      ['session', 'api', 1],
      ['count-tokens', 'api', 0],
    ])
  })

  test('a stream has the events of the API in their order, and its parts make the whole', async () => {
    const server = await serve(script)
    const text = await (await post(server, { ...sound, stream: true })).text()
    const events = text
      .split('\n\n')
      .filter(Boolean)
      .map((part) => ({
        name: /^event: (.*)$/m.exec(part)?.[1],
        data: JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? '') as { type: string; delta?: { partial_json?: string } },
      }))
    expect(events.every((event) => event.name === event.data.type)).toBe(true)
    expect(events.map((event) => event.name).filter((name, index, all) => name !== all[index - 1])).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(JSON.parse(events.map((event) => event.data.delta?.partial_json ?? '').join(''))).toMatchObject({ command: 'ls' })
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { output_tokens: expect.any(Number) as number },
    })
  })

  test('a failure counts per session and step, then the answer comes; a new server counts anew', async () => {
    const failing = `sessions: [ { match: { task: api }, steps: [ { fail: { status: 429, retry-after: 3, times: 2 }, bash: ls } ] } ]`
    const server = await serve(failing)
    const status = async (session: string) => (await post(server, sound, '/v1/messages', { 'x-claude-code-session-id': session })).status
    expect([await status('a'), await status('b'), await status('a'), await status('a'), await status('b'), await status('b')]).toEqual([
      429, 429, 429, 200, 429, 200,
    ])
    expect((await post(await serve(failing), sound)).headers.get('retry-after')).toBe('3')
  })

  test('an entry is chosen by the beginning of the conversation, and a hostile marker is none', async () => {
    const server = await serve(
      `sessions: [ { match: { prompt: shiny }, steps: [ { end: shiny } ] }, { match: { task: api }, steps: [ { end: one }, { end: two } ] } ]`,
    )
    const later = [begin, { role: 'assistant', content: 'one' }, { role: 'user', content: 'something shiny' }]
    expect(await (await post(server, { ...sound, messages: later })).json()).toMatchObject({ content: [{ text: 'two' }] })
    const hostile = [{ role: 'user', content: "[orch task x';touch${IFS}pwned;'] go" }]
    const first = (await (await post(server, { ...sound, messages: hostile })).json()) as Answer
    expect(server.requests.at(-1)?.task).toBeUndefined()
    expect(JSON.stringify(first)).not.toContain('pwned')
  })

  test('a limit for everyone holds every session until its time', async () => {
    const server = await serve(
      `sessions: [ { match: { task: api }, steps: [ { limit: { everyone: true, resets-in: 300ms }, bash: ls } ] } ]`,
    )
    const first = await post(server, sound)
    expect([first.status, first.headers.get('anthropic-ratelimit-unified-status')]).toEqual([429, 'rejected'])
    const other = { ...sound, messages: [{ role: 'user', content: 'someone else' }] }
    expect((await post(server, other)).status).toBe(429)
    await expect.poll(async () => (await post(server, other)).status, { timeout: 3000, interval: 50 }).toBe(200)
    expect((await post(server, sound)).status).toBe(200)
  })

  test('a refused connection is refused until the door opens again', async () => {
    const server = await serve(`sessions: [ { match: { task: api }, steps: [ { fail: { kind: refused, for: 1500ms }, bash: ls } ] } ]`)
    const attempt = () =>
      post(server, sound).then(
        (response) => response.status,
        (error: { cause?: { code?: string } }) => error.cause?.code ?? 'cut',
      )
    expect(await attempt()).not.toBe(200)
    expect(await attempt()).toBe('ECONNREFUSED')
    await expect.poll(attempt, { timeout: 4500, interval: 50 }).toBe(200)
  })
})

describe('the record', () => {
  test('waitForRequest sees past and coming requests and ends at its deadline', async () => {
    const server = await serve(script)
    const coming = server.waitForRequest((one) => one.task === 'api')
    await post(server, sound)
    expect((await coming).number).toBe(1)
    expect((await server.waitForRequest((one) => one.step === 0)).number).toBe(1)
    expect(failureCode(await server.waitForRequest((one) => one.task === 'web', 20).catch((error: unknown) => error))).toBe(
      'rehearsal.no-such-request',
    )
  })

  test('a server of its own serves, records, and its record is read after its death', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'))
    closing.push(() => rmSync(folder, { recursive: true, force: true }))
    const [portFile, recordFile] = [join(folder, 'port'), join(folder, 'record.jsonl')]
    const child = await startModelServerChild({ portFile, recordFile })
    closing.push(() => child.stop())
    expect(child.url).toBe(`http://127.0.0.1:${readFileSync(portFile, 'utf8').trim()}`)
    await fetch(`${child.url}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(sound) })
    process.kill(child.pid, 'SIGKILL')
    await child.exited
    expect(statSync(recordFile).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(recordFile, 'utf8'))).toMatchObject({ number: 1, task: 'api', outcome: 'reply' })
    const port = Number(readFileSync(portFile, 'utf8'))
    const again = await startModelServerChild({ port, recordFile })
    closing.push(() => again.stop())
    expect(again.url).toBe(child.url)
  })

  test('a server of its own stops when it is told to, and with its parent', async () => {
    const told = await startModelServerChild()
    await told.stop()
    expect(await told.exited).toBe(0)
    const main = new URL('./main.ts', import.meta.url).pathname
    const child = spawn(process.execPath, ['--import', 'tsx', main, '--with-parent'], { stdio: ['pipe', 'pipe', 'inherit'] })
    closing.push(() => child.kill('SIGKILL'))
    const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.stdin.end()
    expect(await exited).toBe(0)
  })

  test('a server of its own refuses a script with the lines of its problems', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'))
    closing.push(() => rmSync(folder, { recursive: true, force: true }))
    const scriptFile = join(folder, 'bad.yaml')
    writeFileSync(scriptFile, 'sessions:\n  - stepz: 1\n')
    const problem = await startModelServerChild({ scriptFile }).catch((error: unknown) => error)
    expect(failureCode(problem)).toBe('bad-script')
    expect(String(problem)).toContain(`${scriptFile}:2:`)
  })
})
