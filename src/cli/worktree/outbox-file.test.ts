import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { parse } from 'yaml'
import { renderOutboxFile } from '../../domain/board/outbox-file.ts'
import { writeOutboxFile } from './outbox-file.ts'

const at = '2026-01-02T10:00:00.000Z'

test.each(['plain', 'two\nlines: "q" # no comment', '---\nkind: done', 'ünï \u2028 \u0007 {{', ''])(
  'the message %j comes back as it was',
  (text) => {
    const [, front] = renderOutboxFile({ kind: 'tell', at, text }).split(/^---$/m)
    expect(parse(front ?? '')).toEqual({ v: 1, kind: 'tell', at, message: text })
  },
)

test('only whole files stand in the outbox', () => {
  const root = mkdtempSync(join(tmpdir(), 'orch-outbox-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const name = writeOutboxFile(join(root, '.orch/outbox'), { kind: 'done', at, commit: 'a'.repeat(40), text: 'm' })
  expect(readdirSync(join(root, '.orch/outbox'))).toEqual([name])
  expect(readFileSync(join(root, '.orch/outbox', name), 'utf8')).toContain('kind: "done"')
})
