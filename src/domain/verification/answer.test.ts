import { expect, test } from 'vitest'
import { answerProblem, type ReviewAnswer } from './answer.ts'

function answer(outcome: ReviewAnswer['outcome'], ...paths: string[]): ReviewAnswer {
  return { outcome, summary: 's', findings: paths.map((path) => ({ path, severity: 'must', what: 'w', loss: 'l' })) }
}

test.each(['/etc/passwd', '../x', 'a/../../x', './a', 'a//b', '', 'C:\\x', 'a\\b', 'a\nb', '.git/config', 'a/.GIT/hooks'])(
  'a finding is about a file of the repository: not %j',
  (path) => expect(answerProblem(answer('findings', path))).toContain('not one within the repository'),
)

test.each(['a', 'src/a b/ü.ts', '.github/x', 'a..b'])('%j is one', (path) =>
  expect(answerProblem(answer('findings', path))).toBeUndefined(),
)

test('an answer does not contradict itself', () => {
  expect(answerProblem(answer('findings'))).toContain('there are none')
  expect(answerProblem(answer('approve', 'a'))).toContain('the outcome is approve')
  expect(answerProblem(answer('approve'))).toBeUndefined()
})
