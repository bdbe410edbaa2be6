import { expect, test } from 'vitest'
import { deniedAccess } from './access.ts'

const access = { token: 'a'.repeat(64), port: 4000 }
const right = { host: '127.0.0.1:4000', authorization: `Bearer ${access.token}` }

test.each([
  ['the token, by address', right, undefined],
  ['the token, by name', { ...right, host: 'localhost:4000' }, undefined],
  ['a page of our own', { ...right, origin: 'http://127.0.0.1:4000' }, undefined],
  ['no token', { host: right.host }, 'wrong-token'],
  ['the beginning of the token', { ...right, authorization: `Bearer ${'a'.repeat(63)}` }, 'wrong-token'],
  ['another token of that length', { ...right, authorization: `Bearer ${'b'.repeat(64)}` }, 'wrong-token'],
  ['a name that was rebound to loopback', { ...right, host: 'evil.example:4000' }, 'wrong-host'],
  ['another port', { ...right, host: '127.0.0.1:4001' }, 'wrong-host'],
  ['no host', { authorization: right.authorization }, 'wrong-host'],
  ['a foreign page with the token', { ...right, origin: 'https://evil.example' }, 'wrong-origin'],
  ['a sandboxed page', { ...right, origin: 'null' }, 'wrong-origin'],
])('%s', (_who, headers: Record<string, string>, denial) => {
  expect(deniedAccess(access, (name) => headers[name])).toBe(denial)
})
