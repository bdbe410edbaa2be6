import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberOfId, parseBoardFile, renderBoardFile } from './board-file.ts'
import { type BoardMessage, MESSAGE_KINDS } from './message.ts'

const words = fc.string({ unit: 'binary' })
const message: fc.Arbitrary<BoardMessage> = fc.record(
  {
    id: fc.integer({ min: 1, max: 999_999 }).map((number) => `m${number}`),
    project: words,
    kind: fc.constantFrom(...MESSAGE_KINDS),
    from: words,
    to: fc.array(words),
    text: fc.oneof(words, fc.constantFrom('---', '\n---\n', 'a\r\nb', '---\nv: 1\nkind: "answer"\n---\n', '')),
    writtenAt: fc.nat(),
    takenAt: fc.nat(),
    hops: fc.nat(),
    source: words,
    because: words,
    options: fc.array(words),
    about: fc.record({ commit: words, paths: fc.array(words) }),
  },
  { requiredKeys: ['id', 'project', 'kind', 'from', 'to', 'text', 'writtenAt', 'takenAt', 'hops', 'source'] },
)

test('whatever is said comes back as it was', () => {
  fc.assert(
    fc.property(message, (one) => {
      expect(parseBoardFile(renderBoardFile(one))).toEqual(one)
    }),
  )
})

test('what was torn by a crash is no message, or at most one that ends earlier', () => {
  fc.assert(
    fc.property(message, fc.nat(), (one, cut) => {
      const whole = renderBoardFile(one)
      const torn = parseBoardFile(whole.slice(0, cut % whole.length))
      if (torn !== undefined) expect({ ...torn, text: one.text }).toEqual(one)
    }),
  )
})

test.each([
  ['m1', 1],
  ['m120', 120],
  ['m0', undefined],
  ['m01', undefined],
  ['../m1', undefined],
  ['m1/..', undefined],
  ['m1\n', undefined],
  ['1', undefined],
  ['m9999999999', undefined],
])('%j has the number %j', (id, number) => {
  expect(numberOfId(id)).toBe(number)
})
