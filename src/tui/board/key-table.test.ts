import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { KEYS } from './key-table.ts'

const guide = readFileSync(join(import.meta.dirname, '../../../docs/guide/terminal.md'), 'utf8')
const known = new Set([...guide.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code))
const keys = KEYS.flatMap(([, rows]) => rows.flatMap(([names]) => names.split(/[ -](?!D|U)/)))

test.each(keys)('the guide tells of %s', (key) => {
  expect(known).toContain(key)
})
