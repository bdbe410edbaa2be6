import { open } from 'node:fs/promises'
import { shownUrl, urlProblem, type WebhookAddress } from '../../domain/notices/channels.ts'
import { messageWords } from '../../domain/notices/delivery/message-words.ts'
import type { Notice } from '../../domain/notices/notice.ts'
import { errnoOf } from '../../platform/errno.ts'
import type { Notifier } from '../../ports/notifier.ts'
import { tellLater, tellNever } from './failures.ts'
import { signatureHeaders } from './webhook-signature.ts'

export interface WebhookOptions {
  readonly channel: string
  readonly address: WebhookAddress
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: () => number
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000

/** Sends each message to an address as Slack takes it (`text`), with the facts beside it. Neither address nor secret is in what it throws. */
export function webhookNotifier({ channel, address, environment, now, timeoutMs = TIMEOUT_MS }: WebhookOptions): Notifier {
  return {
    channel,
    tell: async ({ key, notices }, signal) => {
      const [url, secret] = await Promise.all([urlOf(address, environment), secretOf(address, environment)])
      const body = JSON.stringify(bodyOf(key, notices))
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'orch',
        ...signatureHeaders({ id: key, at: now(), body }, secret),
      }
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal: limit }).catch((error: unknown) => {
        throw tellLater(`${shownUrl(url)} could not be reached: ${troubleOf(error)}`)
      })
      await response.body?.cancel().catch(() => undefined)
      requireTaken(response, url, now())
    },
  }
}

/** What Slack shows is `text`; the rest is for programs. */
function bodyOf(key: string, notices: readonly Notice[]): Record<string, unknown> {
  const { title, text, next, urgency } = messageWords(notices)
  const lines = [title, ...(text === '' ? [] : [text]), `→ ${next}`].join('\n')
  return { text: slackText(lines), id: key, title, next, urgency, notices }
}

/** Else what an agent wrote could call everybody in a channel (`<!channel>`). */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function requireTaken(response: Response, url: string, now: number): void {
  const { status, headers } = response
  if (status >= 200 && status < 300) return
  const said = `${shownUrl(url)} answered ${status}`
  if (status === 408 || status === 425 || status === 429 || status >= 500) throw tellLater(said, askedMs(headers.get('retry-after'), now))
  if (status >= 300 && status < 400) throw tellNever(`${said}, which leads elsewhere: that is not followed`)
  throw tellNever(said)
}

/** Seconds, or a date. */
function askedMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  const seconds = Number(value)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now
  return ms > 0 ? ms : undefined
}

/** The cause, without the address that fetch may name. */
function troubleOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed'
  if (error.name === 'TimeoutError') return 'no answer in time'
  return errnoOf(error.cause) ?? (error.name === 'AbortError' ? 'it was ended' : 'the connection failed')
}

async function urlOf({ url, urlEnv, urlFile }: WebhookAddress, environment: WebhookOptions['environment']): Promise<string> {
  const found = url ?? (urlEnv === undefined ? await readPrivate(urlFile ?? '') : environment[urlEnv])
  if (found === undefined || found === '') throw unset(urlEnv ?? '')
  const problem = urlProblem(found)
  if (problem !== undefined) throw tellNever(problem)
  return found
}

async function secretOf(
  { secretEnv, secretFile }: WebhookAddress,
  environment: WebhookOptions['environment'],
): Promise<string | undefined> {
  if (secretFile !== undefined) return readPrivate(secretFile)
  if (secretEnv === undefined) return undefined
  const secret = environment[secretEnv]
  // Unsigned is not what was asked for.
  if (secret === undefined || secret === '') throw unset(secretEnv)
  return secret
}

function unset(name: string): Error {
  const next = `export ${name}=… && orch daemon stop: the next command starts the daemon with it; or name a file`
  return tellNever(`${name} is not set where orch's daemon was started`, next)
}

/** Only what nobody else may read. */
async function readPrivate(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw tellNever(`${path} cannot be read (${errnoOf(error) ?? 'unknown'})`)
  })
  try {
    if (((await file.stat()).mode & 0o077) !== 0) throw tellNever(`${path} may be read by others`, `chmod 600 '${path}'`)
    return (await file.readFile('utf8')).trim()
  } finally {
    await file.close()
  }
}
