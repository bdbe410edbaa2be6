import { expect, test } from 'vitest'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import { logPage } from './read-log.ts'

const said = Array.from({ length: 1000 }, (_, at) => ({
  type: 'text',
  at: 0,
  text: `line ${at} ${'x'.repeat(1000)}`,
})) as unknown as SessionEvent[]
const texts = ({ lines }: ReturnType<typeof logPage>): readonly string[] => lines.map(({ text }) => text.split(' x', 1)[0] ?? '')

test('of a record that the caller does not know the end is given, and then what is added', () => {
  const end = logPage('1.1', said, { record: '', after: 0, tail: 5000 })
  expect(texts(end)).toEqual(['line 995', 'line 996', 'line 997', 'line 998', 'line 999'])
  expect(end).toMatchObject({ record: '1.1', next: 1000, hasMore: false, isCut: true })
  expect(logPage('1.1', said, { record: '1.1', after: end.next, tail: 5000 })).toEqual({
    lines: [],
    record: '1.1',
    next: 1000,
    hasMore: false,
  })
  const added = [...said, ...said.slice(0, 2)]
  expect(texts(logPage('1.1', added, { record: '1.1', after: end.next, tail: 5000 }))).toEqual(['line 0', 'line 1'])
  // The session was resumed: a record of its own.
  expect(texts(logPage('1.2', said.slice(0, 2), { record: '1.1', after: 1000, tail: 5000 }))).toEqual(['line 0', 'line 1'])
})

test('a short record is not cut, the last line is given however long, and without a tail it begins at the beginning', () => {
  expect(logPage('1.1', said.slice(0, 3), { after: 0, tail: Number.POSITIVE_INFINITY })).toMatchObject({ next: 3, hasMore: false })
  expect(logPage('1.1', said.slice(0, 3), { after: 0, tail: Number.POSITIVE_INFINITY })).not.toHaveProperty('isCut')
  expect(texts(logPage('1.1', said, { after: 0, tail: 1 }))).toEqual(['line 999'])
  expect(texts(logPage('1.1', said, { after: 0 }))[0]).toBe('line 0')
  expect(logPage('1.1', [], { after: 0, tail: 10 })).toEqual({ lines: [], record: '1.1', next: 0, hasMore: false })
})
