import { createHmac } from 'node:crypto'

/** The headers of Standard Webhooks: who has the secret can tell that the message is ours, and which one it is. */
export function signatureHeaders(
  { id, at, body }: { readonly id: string; /** Epoch milliseconds. */ readonly at: number; readonly body: string },
  secret: string | undefined,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000))
  const named = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === undefined) return named
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...named, 'webhook-signature': `v1,${signature}` }
}

/** `whsec_` says that the rest is base64; any other secret is taken as it is. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8')
}
