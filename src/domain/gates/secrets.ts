import type { AddedLine } from './commit-facts.ts'

/** Where something that looks like a secret was added; never the secret. */
export interface SecretFinding {
  readonly path: string
  readonly line: number
  readonly what: string
}

/** What its owner made easy to recognise. Each is linear in the length of the line. */
const KNOWN: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/],
  ['an AWS access key id', /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/],
  ['an AWS secret key', /aws_?secret_?(?:access_?)?key["']?\s{0,4}[:=]\s{0,4}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/i],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})/],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{20}/],
  ['a Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{20}/],
  ['a Slack webhook', /hooks\.slack\.com\/services\/T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/[A-Za-z0-9]{20}/],
  ['an Anthropic key', /\bsk-ant-[A-Za-z0-9]{2,}[A-Za-z0-9_-]{24}/],
  ['an OpenAI key', /\bsk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{32}|[A-Za-z0-9]{48}\b)/],
  ['a Google API key', /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{24}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
]
const EXAMPLE = /example|placeholder|change.?me|dummy|fake|redacted|xxxx|0000|1234567|abcdef|your[-_ ]|\.\.\.|<|\$\{|\{\{/i
const KEY_FILE = /\.(?:p12|pfx|jks|keystore)$/i

/** The first of each kind in each file. */
export function findSecrets(lines: readonly AddedLine[], added: readonly string[] = []): SecretFinding[] {
  const found = new Map<string, SecretFinding>()
  const note = (finding: SecretFinding): void => {
    const key = `${finding.path}\0${finding.what}`
    if (!found.has(key)) found.set(key, finding)
  }
  for (const path of added) if (KEY_FILE.test(path)) note({ path, line: 1, what: 'a key store' })
  for (const { path, line, text } of lines) {
    const what = secretIn(text)
    if (what !== undefined) note({ path, line, what })
  }
  return [...found.values()]
}

function secretIn(text: string): string | undefined {
  const known = KNOWN.find(([, pattern]) => {
    const match = pattern.exec(text)
    return match !== null && !EXAMPLE.test(match[0])
  })
  return known?.[0] ?? (isAssignedSecret(text) ? 'a secret' : undefined)
}

const LONGEST_LINE = 2000
const ASSIGNED =
  /(?:secret|token|passw(?:or)?d|api_?-?key|private_?-?key|access_?-?key|credential)s?["'\]]{0,2}\s{0,4}(?::=|[:=])\s{0,4}(?:["'`]([A-Za-z0-9+/=_.~-]{20,200})["'`]|([A-Za-z0-9+/=_-]{24,200})\s*$)/i

/** A name that says so, and a value that no word and no path looks like: rather missed than cried. */
function isAssignedSecret(text: string): boolean {
  if (text.length > LONGEST_LINE) return false
  const match = ASSIGNED.exec(text)
  const value = match?.[1] ?? match?.[2]
  if (value === undefined || EXAMPLE.test(text)) return false
  const isMixed = /[0-9]/.test(value) && /[a-z]/i.test(value) && !/^[a-z]+([-_./][a-z0-9]+)+$/.test(value)
  return isMixed && bitsPerCharacter(value) >= (/^[0-9a-f]+$/i.test(value) ? 3 : 3.8)
}

/** Shannon's entropy. */
function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - (count / value.length) * Math.log2(count / value.length), 0)
}
