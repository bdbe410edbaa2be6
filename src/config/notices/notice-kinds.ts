import { CHANNELS, type ChannelName, shownUrl, urlProblem, type WebhookAddress } from '../../domain/notices/channels.ts'
import { noticeKinds, urgencies } from '../../domain/notices/notice.ts'
import type { NoticeRule } from '../../domain/notices/rules.ts'
import { jsonOf, mapOf, reading, refuseUnknown, Wrong } from '../kinds/department-kind.ts'
import type { Kind } from '../option-kinds.ts'

const MOST = 50
const texts = { type: 'array', items: { type: 'string', minLength: 1 } } as const

/** The option `notify.channels`; `none` is no channel at all. */
export function channels(): Kind<readonly ChannelName[]> {
  const says = `a list of ${CHANNELS.join(', ')}; or none`
  return {
    type: 'channels',
    says,
    jsonSchema: { anyOf: [{ const: 'none' }, { type: 'array', items: { enum: CHANNELS } }] },
    read: (value) =>
      reading(() => {
        if (value === 'none') return []
        if (!Array.isArray(value)) throw new Wrong(`must be ${says}`)
        return value.map((name) => oneOf(name, CHANNELS, 'a channel'))
      }),
    fromText: (written) => (written.trim() === 'none' ? 'none' : written.split(',').map((name) => name.trim())),
    write: (value) => (value.length === 0 ? 'none' : value),
  }
}

const RULE_KEYS = ['kinds', 'urgency', 'projects', 'channels', 'quiet'] as const

/** The option `notify.rules`. */
export function noticeRules(): Kind<readonly NoticeRule[]> {
  const says = `a list of rules, each of them what it is about (\`kinds\`, \`urgency\`, \`projects\`) and what is done: \`channels\`, \`quiet\``
  const properties = {
    kinds: { type: 'array', items: { enum: noticeKinds } },
    urgency: { enum: urgencies },
    projects: texts,
    channels: texts,
    quiet: { enum: ['hold', 'tell'] },
  }
  return {
    type: 'rules',
    says,
    jsonSchema: { type: 'array', maxItems: MOST, items: { type: 'object', properties, additionalProperties: false } },
    read: (value) => reading(() => listOf(value, says).map(readRule)),
    fromText: jsonOf,
    write: (value) => value,
  }
}

function readRule(value: unknown, at: number): NoticeRule {
  const where = `rule ${at + 1}`
  const said = mapOf(value, `a ${where}`)
  refuseUnknown(Object.keys(said), RULE_KEYS, where)
  const { kinds, urgency, projects, channels: told, quiet } = said
  if (told === undefined && quiet === undefined) throw new Wrong(`has neither \`channels\` nor \`quiet\` in ${where}`)
  return {
    ...(kinds !== undefined && { kinds: wordsOf(kinds, where).map((kind) => oneOf(kind, noticeKinds, `in ${where} a kind`)) }),
    ...(urgency !== undefined && { urgency: oneOf(urgency, urgencies, `in ${where} an urgency`) }),
    ...(projects !== undefined && { projects: wordsOf(projects, where) }),
    ...(told !== undefined && { channels: told === 'none' ? [] : wordsOf(told, where).map((name) => channelOf(name, where)) }),
    ...(quiet !== undefined && { quiet: oneOf(quiet, ['hold', 'tell'], `in ${where} a word for quiet hours`) }),
  }
}

/** `webhook:2` is the second one. */
function channelOf(name: string, where: string): string {
  if (/^webhook:[1-9][0-9]?$/.test(name)) return name
  return oneOf(name, CHANNELS, `in ${where} a channel`)
}

const WEBHOOK_KEYS = ['url', 'url-env', 'url-file', 'secret-env', 'secret-file'] as const

/** The option `notify.webhooks`. What it writes is for people: an address is a secret, and only its host is shown. */
export function webhooks(): Kind<readonly WebhookAddress[]> {
  const says = 'a list of addresses: a URL, or `url`, `url-env` or `url-file`, with `secret-env` or `secret-file` to sign with'
  const properties = Object.fromEntries(WEBHOOK_KEYS.map((key) => [key, { type: 'string', minLength: 1 }]))
  const item = {
    anyOf: [
      { type: 'string', format: 'uri' },
      { type: 'object', properties, additionalProperties: false },
    ],
  }
  return {
    type: 'webhooks',
    says,
    jsonSchema: { type: 'array', maxItems: MOST, items: item },
    read: (value) => reading(() => listOf(value, says).map(readWebhook)),
    fromText: (written) => (/^https?:/.test(written.trim()) ? [written.trim()] : jsonOf(written)),
    write: (value) => value.map(writeWebhook),
  }
}

function readWebhook(value: unknown, at: number): WebhookAddress {
  const where = `webhook ${at + 1}`
  const said = typeof value === 'string' ? { url: value } : mapOf(value, `a ${where}`)
  refuseUnknown(Object.keys(said), WEBHOOK_KEYS, where)
  for (const [key, one] of Object.entries(said))
    if (typeof one !== 'string' || one === '') throw new Wrong(`has something in \`${key}\` of ${where} that is no text`)
  const { url, 'url-env': urlEnv, 'url-file': urlFile, 'secret-env': secretEnv, 'secret-file': secretFile } = said as Record<string, string>
  if ([url, urlEnv, urlFile].filter((one) => one !== undefined).length !== 1)
    throw new Wrong(`needs one of \`url\`, \`url-env\` and \`url-file\` in ${where}`)
  if (secretEnv !== undefined && secretFile !== undefined) throw new Wrong(`has two secrets in ${where}`)
  const problem = url === undefined ? undefined : urlProblem(url)
  if (problem !== undefined) throw new Wrong(`has a ${where} that cannot be used: ${problem}`)
  return {
    ...(url !== undefined && { url }),
    ...(urlEnv !== undefined && { urlEnv }),
    ...(urlFile !== undefined && { urlFile }),
    ...(secretEnv !== undefined && { secretEnv }),
    ...(secretFile !== undefined && { secretFile }),
  }
}

function writeWebhook({ url, urlEnv, urlFile, secretEnv, secretFile }: WebhookAddress): Record<string, string> {
  return {
    ...(url !== undefined && { url: shownUrl(url) }),
    ...(urlEnv !== undefined && { 'url-env': urlEnv }),
    ...(urlFile !== undefined && { 'url-file': urlFile }),
    ...(secretEnv !== undefined && { 'secret-env': secretEnv }),
    ...(secretFile !== undefined && { 'secret-file': secretFile }),
  }
}

function listOf(value: unknown, says: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MOST) throw new Wrong(`must be ${says}`)
  return value
}

function wordsOf(value: unknown, where: string): readonly string[] {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value]
  return words.map((word) => {
    if (typeof word !== 'string' || word === '') throw new Wrong(`has something in ${where} that is no word`)
    return word
  })
}

function oneOf<const T extends string>(value: unknown, known: readonly T[], what: string): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new Wrong(`has ${what} that is none of ${known.join(', ')}`)
  return found
}
