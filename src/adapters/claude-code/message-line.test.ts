import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { messageLine } from './message-line.ts'

const id = '0b8e5a3e-4a52-4b71-8d3f-0d3f6f0c2a11'

test.each([
  ['plain', 'x'.repeat(3900), false],
  ['plain', 'x'.repeat(4100), true],
  ['quotes', '"'.repeat(2400), true],
  ['line breaks', '\n'.repeat(1800), false],
])('a line of %s fits into the pipe whole, or its text is in a file', async (_of, text, isFile) => {
  const worktree = temporaryFolder()
  const line = await messageLine({ id, text, when: 'steer' }, worktree)
  expect(Buffer.byteLength(`${line}\n`)).toBeLessThanOrEqual(4096)
  const { content } = (JSON.parse(line) as { message: { content: string } }).message
  if (isFile) expect(readFileSync(join(worktree, '.orch/messages', `${id}.md`), 'utf8')).toBe(text)
  else expect(content).toBe(text)
})
