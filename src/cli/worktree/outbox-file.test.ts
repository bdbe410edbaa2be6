import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderDeclaration, writeDeclaration } from './outbox-file.ts'

test.each(['plain', 'two\nlines: "q" # no comment', '---\nkind: done', 'ünï \u2028 \u0007 {{', ''])(
  'the message %j comes back as it was',
  (message) => {
    const [, front] = renderDeclaration({ kind: 'tell', at: '2026-01-02T10:00:00.000Z', commit: undefined, message }).split(/^---$/m)
    expect(parse(front ?? '')).toEqual({ v: 1, kind: 'tell', at: '2026-01-02T10:00:00.000Z', message })
  },
)

test('only whole files stand in the outbox', () => {
  const root = mkdtempSync(join(tmpdir(), 'orch-outbox-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const name = writeDeclaration(root, { kind: 'done', at: '2026-01-02T10:00:00.000Z', commit: 'a'.repeat(40), message: 'm' })
  expect(readdirSync(join(root, '.orch/outbox'))).toEqual([name])
  expect(readFileSync(join(root, '.orch/outbox', name), 'utf8')).toContain('kind: done')
})
