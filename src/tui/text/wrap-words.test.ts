import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textWidth } from './line.ts'
import { wrapWords } from './wrap-words.ts'

test.each([
  ['', 5, ['']],
  ['one two', 7, ['one two']],
  ['one two three four', 7, ['one two', 'three', 'four']],
  ['approve rm -rf /tmp/x then push to main', 12, ['approve rm', '-rf /tmp/x', 'then push to', 'main']],
  ['onetwothree four', 5, ['onetw', 'othre', 'e', 'four']],
  ['  - a list of things', 8, ['  - a', 'list of', 'things']],
  ['界界界 界', 4, ['界界', '界', '界']],
])('%j in %i cells is %j', (text, width, rows) => {
  expect(wrapWords(text, width)).toEqual(rows)
})

test('nothing that is said is lost or stands elsewhere, and no row is too wide', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '界', 'é'), minLength: 1, maxLength: 30 })
  const gap = fc.constantFrom(' ', ' ', '  ')
  const texts = fc.array(fc.tuple(word, gap), { maxLength: 30 }).map((pieces) => pieces.flat().join(''))
  fc.assert(
    fc.property(texts, fc.integer({ min: 2, max: 40 }), (text, width) => {
      const rows = wrapWords(text, width)
      expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      for (const row of rows) expect(textWidth(row.trimEnd())).toBeLessThanOrEqual(width)
    }),
  )
})
