import { expect, test } from 'vitest'
import { findSecrets } from './secrets.ts'

/** Written here with a tilde in it, so that nothing in this file looks like one. */
const whole = (text: string) => text.replaceAll('~', '')
const whatIn = (text: string) => findSecrets([{ path: 'a', line: 1, text: whole(text) }]).map(({ what }) => what)
const random = 'q7Zt4Kx9Wm2Vb8Ns5Ld3Hf6Gj1Pc'
const long = `${random}${random.toLowerCase()}R4t9`

test.each([
  ['a private key', '-----BEGIN RSA ~PRIVATE KEY-----'],
  ['a private key', '+ "-----BEGIN OPENSSH ~PRIVATE KEY-----\\nb3Bl'],
  ['an AWS access key id', `key = "AK~IAQ3EGRTY4UIOP5AS6"`],
  ['an AWS secret key', `aws_secret_access_key = ${random}wYq8Rk2TzB4d`],
  ['a GitHub token', `https://x:gh~p_${long.slice(0, 36)}@github.com`],
  ['a GitHub token', `github_~pat_${long}${long}`],
  ['a GitLab token', `gl~pat-${random}`],
  ['a Slack token', `xo~xb-2314123-${random}`],
  ['an Anthropic key', `ANTHROPIC=sk-~ant-api03-${long}`],
  ['an OpenAI key', `sk-~proj-${long}`],
  ['an OpenAI key', `sk-${long.slice(0, 48)}`],
  ['a Google API key', `AI~za${long.slice(0, 35)}`],
  ['a Stripe key', `sk_~live_${random}`],
  ['an npm token', `//registry/:_authToken=np~m_${long.slice(0, 36)}`],
  ['a secret', `const apiKey = "${random}"`],
  ['a secret', `DB_PASSWORD=${random}`],
  ['a secret', `"client_secret": "~8f14e45fceea167a5a36dedd4bea2543"`],
])('%s is found', (what, line) => {
  expect(whatIn(line)).toEqual([what])
})

test.each([
  ['a public key', '-----BEGIN PUBLIC KEY-----'],
  ['the documented AWS key', `AK~IAIOSFODNN7EXAMPLE`],
  ['a key id that is too short', `AK~IAQ3EGRTY4`],
  ['a word that begins like a token', 'ghp_is_the_prefix_of_tokens'],
  ['a test key of Stripe', `sk_~test_${random}`],
  ['a placeholder', 'API_KEY="your-api-key-goes-here-0123456789"'],
  ['a variable', 'const token = process.env.GITHUB_TOKEN_FOR_RELEASES'],
  ['an expression', 'password: "${{ secrets.DATABASE_PASSWORD_2024 }}"'],
  ['a name in words', 'secret: "projects/shop-4711/secrets/stripe-key/versions"'],
  ['a dashed name', 'token: "design-system-color-primary-500"'],
  ['a checksum', `"integrity": "sha512-${long}"`],
  ['a short password', 'password = "hunter2"'],
  ['prose', 'The secret: nobody reads the whole README before they begin'],
])('%s is none', (_what, line) => {
  expect(whatIn(line)).toEqual([])
})

test('the finding says where, once for a file and kind, and a key store is one by its name', () => {
  const line = (path: string, at: number) => ({ path, line: at, text: whole(`sk-~ant-api03-${long}`) })
  const found = findSecrets([line('a.ts', 3), line('a.ts', 9), line('b.ts', 1)], ['prod.p12', 'p12.md'])
  expect(found).toEqual([
    { path: 'prod.p12', line: 1, what: 'a key store' },
    { path: 'a.ts', line: 3, what: 'an Anthropic key' },
    { path: 'b.ts', line: 1, what: 'an Anthropic key' },
  ])
  expect(JSON.stringify(found)).not.toContain(random)
})

test('a line of a megabyte is read once, whatever is in it', () => {
  const startedAt = performance.now()
  for (const unit of ['a', 'token=', 'aws_secret_key ', '"', 'AKIA', '-----BEGIN '])
    expect(whatIn(unit.repeat(1_000_000 / unit.length))).toEqual([])
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})
