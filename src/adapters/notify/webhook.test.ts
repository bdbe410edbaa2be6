import { createHmac } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Receiver } from '../../../test/support/notices/receiver.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { WebhookAddress } from '../../domain/notices/channels.ts'
import { Failure } from '../../foundation/failure.ts'
import { someNotice } from '../../ports/notifier.contract.ts'
import { webhookNotifier } from './webhook.ts'

const NOW = Date.parse('2026-01-02T12:00:00.900Z')
const tell = (address: WebhookAddress, environment: Record<string, string> = {}, key = 'msg-1'): Promise<void> =>
  webhookNotifier({ channel: 'webhook:1', address, environment, now: () => NOW, timeoutMs: 5000 }).tell(
    { key, notices: [someNotice({ text: 'a < b & <!channel>' })] },
    new AbortController().signal,
  )
const failureOf = (told: Promise<void>): Promise<Failure> =>
  told.then(
    () => Promise.reject(new Error('it was told')),
    (error: unknown) => (error instanceof Failure ? error : Promise.reject(error)),
  )

test('what is sent is signed: the headers of Standard Webhooks, with a secret of either form', async () => {
  const receiver = await Receiver.open()
  const raw = Buffer.from('a secret of 24 bytes and more')
  await tell({ url: receiver.url, secretEnv: 'SECRET' }, { SECRET: `whsec_${raw.toString('base64')}` })
  await tell({ url: receiver.url, secretEnv: 'SECRET' }, { SECRET: raw.toString() })
  await tell({ url: receiver.url })
  const [first, second, unsigned] = receiver.received
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = first?.headers ?? {}
  expect([id, timestamp]).toEqual(['msg-1', '1767355200'])
  const expected = createHmac('sha256', raw).update(`msg-1.1767355200.${first?.body}`).digest('base64')
  expect(signature).toBe(`v1,${expected}`)
  expect(second?.headers['webhook-signature']).toBe(signature)
  expect(unsigned?.headers).not.toHaveProperty('webhook-signature')
})

test('the body is what Slack takes, and what an agent wrote calls nobody', async () => {
  const receiver = await Receiver.open()
  await tell({ urlEnv: 'HOOK' }, { HOOK: receiver.url })
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
    text: 'shop.api needs you\na &lt; b &amp; &lt;!channel&gt;\n→ orch answer m12 "…"',
    id: 'msg-1',
    title: 'shop.api needs you',
    next: 'orch answer m12 "…"',
    notices: [{ kind: 'needs-you', handle: 'shop.api', text: 'a < b & <!channel>' }],
  })
})

test('a redirection is not followed', async () => {
  const [elsewhere, receiver] = [await Receiver.open(), await Receiver.open()]
  receiver.answer = () => ({ status: 307, headers: { location: elsewhere.url } })
  expect(await failureOf(tell({ url: receiver.url }))).toMatchObject({ code: 'notify-refused' })
  expect(elsewhere.received).toEqual([])
})

test.each([
  [429, 'notify-later'],
  [503, 'notify-later'],
  [408, 'notify-later'],
  [404, 'notify-refused'],
  [401, 'notify-refused'],
])('%i is %s', async (status, code) => {
  const receiver = await Receiver.open()
  receiver.answer = () => ({ status })
  expect(await failureOf(tell({ url: receiver.url }))).toMatchObject({ code })
})

test('what the receiver asks for is heard, in seconds or as a date', async () => {
  const receiver = await Receiver.open()
  const asked = ['7', new Date(NOW + 30_100).toUTCString(), 'soon']
  receiver.answer = (count) => ({ status: 429, headers: { 'retry-after': asked[count - 1] ?? '' } })
  const facts: unknown[] = []
  for (const _ of asked) facts.push((await failureOf(tell({ url: receiver.url }))).facts['afterMs'])
  expect(facts).toEqual([7000, 30_100, undefined])
})

test('neither address nor secret is told in a failure', async () => {
  const receiver = await Receiver.open()
  const { url } = receiver
  await receiver.close()
  const failures = [
    await failureOf(tell({ url, secretEnv: 'SECRET' }, { SECRET: 'hush-hush' })),
    await failureOf(tell({ urlEnv: 'HOOK' }, { HOOK: 'ftp://host/SECRET-PATH' })),
    await failureOf(tell({ urlEnv: 'HOOK' }, { HOOK: 'SECRET-PATH' })),
  ]
  expect(failures.map(({ code }) => code)).toEqual(['notify-later', 'notify-refused', 'notify-refused'])
  for (const { message, facts, next, cause } of failures)
    expect(JSON.stringify([message, facts, next, String(cause)])).not.toMatch(/SECRET-PATH|hush/)
})

test('a file with a secret is one that nobody else may read; a variable is one that is set', async () => {
  const receiver = await Receiver.open()
  const file = join(temporaryFolder(), 'secret')
  writeFileSync(file, 'hush\n')
  chmodSync(file, 0o644)
  expect(await failureOf(tell({ url: receiver.url, secretFile: file }))).toMatchObject({
    code: 'notify-refused',
    next: `chmod 600 '${file}'`,
  })
  chmodSync(file, 0o600)
  await tell({ url: receiver.url, secretFile: file })
  expect(await failureOf(tell({ url: receiver.url, secretEnv: 'SECRET' }))).toMatchObject({ code: 'notify-refused' })
  expect(receiver.received).toHaveLength(1)
})
