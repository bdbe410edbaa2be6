import { expect, test } from 'vitest'
import { boundedAnswer } from './bounded-answer.ts'

const lines = Array.from({ length: 2_000 }, (_, at) => `line ${at} ${'x'.repeat(20)}`)
const long = lines.join('\n')

test('a short answer is whole', () => expect(boundedAnswer('a\nb', {}, ['status'])).toBe('a\nb'))

test('of a long one whole lines are kept, and it says how to see the rest', () => {
  const answer = boundedAnswer(long, {}, ['logs', '--', "it's; touch x"])
  expect(answer.length).toBeLessThan(16_200)
  const kept = answer.split('\n')
  const note = kept.pop() ?? ''
  expect(lines.slice(0, kept.length)).toEqual(kept)
  expect(note).toBe(`[${2_000 - kept.length} of 2000 lines left out; all: orch logs -- 'it'\\''s; touch x']`)
})

test('of what a session said the newest is kept', () => {
  const kept = boundedAnswer(long, { keeps: 'end' }, ['logs', '--', 'api']).split('\n')
  expect(kept.shift()).toMatch(/^\[\d+ of 2000 lines left out; all: orch logs -- api\]$/)
  expect(kept).toEqual(lines.slice(-kept.length))
})

test('a line that is too long by itself is cut', () => expect(boundedAnswer('x'.repeat(50_000), {}, ['board']).length).toBeLessThan(16_200))
