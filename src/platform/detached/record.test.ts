import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder, temporaryTree } from '../../../test/support/temporary.ts'
import { readRecord } from './record.ts'

const now = 1_800_000_000_000

test('a listener that throws is heard of, and hears what comes later', async () => {
  const folder = temporaryTree({ 'out.jsonl': 'one\n' })
  const lines: string[] = []
  let isBroken = true
  const reader = readRecord(
    folder,
    () => now,
    (fresh) => {
      if (isBroken) throw new Error('broken')
      lines.push(...fresh)
    },
  )
  await expect(reader.catchUp()).rejects.toThrow('broken')
  isBroken = false
  appendFileSync(join(folder, 'out.jsonl'), 'two\n')
  await reader.catchUp()
  expect(lines).toEqual(['two'])
  reader.close()
})

test.each(['8 1700000000', '8 17000000000005678 1700000000001', '8 1700000000000 5', 'x y'])(
  'a time that was torn by a full disk is none: %s',
  async (torn) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'out.jsonl'), 'one\ntwo\n')
    writeFileSync(join(folder, 'out.times'), `4 1700000000000\n${torn}\n`)
    const seen: [readonly string[], number][] = []
    const reader = readRecord(
      folder,
      () => now,
      (lines, at) => seen.push([lines, at]),
    )
    await reader.catchUp()
    expect(seen).toEqual([
      [['one'], 1_700_000_000_000],
      [['two'], now],
    ])
    reader.close()
  },
)
