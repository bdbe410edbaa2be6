import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../test/support/temporary.ts'

const decisions = join(import.meta.dirname, '../../docs/adr')

/** What is wrong with the numbers: each is that of one file, none is left out, and the title has it too. */
function misnumbered(folder: string): readonly string[] {
  return readdirSync(folder)
    .toSorted()
    .filter((name, at) => {
      const [title = ''] = readFileSync(join(folder, name), 'utf8').split('\n')
      return Number(name.slice(0, 4)) !== at + 1 || !title.startsWith(`# ${at + 1}. `)
    })
}

test('each decision has a number of its own', () => {
  expect(misnumbered(decisions)).toEqual([])
})

test('a number that two decisions have is found, and so is a title with another one', () => {
  const text = (number: number): string => `# ${number}. Title\n`
  expect(misnumbered(temporaryTree({ '0001-a.md': text(1), '0002-b.md': text(2), '0002-c.md': text(2) }))).toEqual(['0002-c.md'])
  expect(misnumbered(temporaryTree({ '0001-a.md': text(1), '0002-b.md': text(3) }))).toEqual(['0002-b.md'])
})
