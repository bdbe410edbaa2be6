import { expect, test } from 'vitest'
import { plainBlock, plainLine } from './text.ts'

test('what steers a terminal goes, what is indented stays so', () => {
  const text = 'at:\r\n\t  \u001b[31mred\u001b[0m line \u202e\n    deeper\u0007'
  expect(plainBlock(text)).toBe('at:\n\t  red line\n    deeper')
  expect(plainLine('  one\r\n\u001b[31mtwo\u001b[0m\u0007  ')).toBe('one two')
})
