import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ANSWER_BOUNDS } from './answer.ts'
import { parseAnswer } from './parse-answer.ts'

const finding = { path: 'a', severity: 'must', what: 'w', loss: 'l' }
const problemOf = (structured: unknown): string => {
  const parsed = parseAnswer(structured)
  return parsed.kind === 'unusable' ? parsed.problem : 'none'
}

test('whatever an agent answers, it is refused in words or is within the bounds', () => {
  const text = fc.oneof(fc.string(), fc.constant('x'.repeat(3000)))
  const oneFinding = fc.record({
    path: text,
    line: fc.oneof(fc.integer(), fc.double()),
    severity: fc.constantFrom('must', 'note', 'x'),
    what: text,
    loss: text,
  })
  const shaped = fc.record({
    outcome: fc.constantFrom('approve', 'findings'),
    summary: text,
    findings: fc.array(oneFinding, { maxLength: 60 }),
  })
  fc.assert(
    fc.property(fc.oneof(fc.anything(), shaped), (structured) => {
      const parsed = parseAnswer(structured)
      if (parsed.kind === 'unusable') {
        expect(parsed.problem).not.toBe('')
        return
      }
      const { summary, findings } = parsed.answer
      expect(summary.length).toBeLessThanOrEqual(ANSWER_BOUNDS.summary)
      expect(findings.length).toBeLessThanOrEqual(ANSWER_BOUNDS.findings)
      expect(findings.every(({ line = 1 }) => Number.isInteger(line) && line > 0)).toBe(true)
    }),
  )
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'there was no structured output'],
  ['another shape', { outcome: 'maybe', summary: 's', findings: [] }, 'outcome'],
  ['a line before the first', { outcome: 'findings', summary: 's', findings: [{ ...finding, line: 0 }] }, 'findings.0.line'],
  ['too many findings', { outcome: 'findings', summary: 's', findings: Array.from({ length: 51 }, () => finding) }, 'findings'],
  [
    'a path that leaves the repository',
    { outcome: 'findings', summary: 's', findings: [{ ...finding, path: '../../etc/passwd' }] },
    'relative to its root',
  ],
  ['an approval that objects', { outcome: 'approve', summary: 's', findings: [finding] }, 'the outcome is approve'],
])('%s cannot be used, and the problem says why', (_what, structured, words) => {
  expect(problemOf(structured)).toContain(words)
})

test('what is left over is left out', () => {
  const parsed = parseAnswer({ outcome: 'findings', summary: ' s ', findings: [{ ...finding, extra: 1 }], by: 'me', commit: 'other' })
  expect(parsed).toEqual({ kind: 'answer', answer: { outcome: 'findings', summary: 's', findings: [finding] } })
})
