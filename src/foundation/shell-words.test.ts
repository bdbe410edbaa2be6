import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commandLine } from './shell.ts'
import { shellWords } from './shell-words.ts'

const wordsOf = (line: string) => {
  const parted = shellWords(line)
  return parted.kind === 'words' ? parted.words : parted
}

test.each([
  ['', []],
  ['  api   web ', ['api', 'web']],
  ['login "Add a login page"', ['login', 'Add a login page']],
  [`m12 'In cents' --comment="a: b"c`, ['m12', 'In cents', '--comment=a: bc']],
  [`'' ""`, ['', '']],
  [`a\\ b \\"c\\" "d \\"e\\" \\n" '\\'`, ['a b', '"c"', 'd "e" \\n', '\\']],
  [`don't mend the user's guide, users' words`, ["don't", 'mend', 'the', "user's", 'guide,', "users'", 'words']],
  ['x; touch pwned $(touch pwned) `touch pwned` $HOME *', ['x;', 'touch', 'pwned', '$(touch', 'pwned)', '`touch', 'pwned`', '$HOME', '*']],
  ['first\n\t"second\nline"', ['first', 'second\nline']],
  ['end\\', ['end\\']],
])('%j is %j', (line, words) => {
  expect(wordsOf(line)).toEqual(words)
})

test.each([
  [`m12 "never closed`, '"'],
  [`m12 'never closed`, "'"],
  [`"ends in \\"`, '"'],
])('%j has a quote that never ends', (line, quote) => {
  expect(shellWords(line)).toEqual({ kind: 'unclosed', quote })
})

test('what was quoted for a shell is read back word for word', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', "'", '"', '\\', ' ', '\n', '$', '`', ';', '-', 'é') })), (words) => {
      expect(wordsOf(commandLine(words))).toEqual(words)
    }),
  )
})
