import * as v from 'valibot'
import { ANSWER_BOUNDS, answerProblem, type ReviewAnswer, SEVERITIES } from './answer.ts'

/** What a session answered, if it can be acted on; else why not, in words for it. */
export function parseAnswer(structured: unknown): { readonly kind: 'answer'; readonly answer: ReviewAnswer } | Unusable {
  if (structured === undefined) return { kind: 'unusable', problem: 'there was no structured output' }
  const parsed = v.safeParse(answer, structured)
  if (!parsed.success) return { kind: 'unusable', problem: parsed.issues.slice(0, 3).map(issueWords).join('; ') }
  const problem = answerProblem(parsed.output)
  return problem === undefined ? { kind: 'answer', answer: parsed.output } : { kind: 'unusable', problem }
}

export interface Unusable {
  readonly kind: 'unusable'
  readonly problem: string
}

const text = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most))

const finding = v.pipe(
  v.object({
    path: v.pipe(v.string(), v.minLength(1), v.maxLength(ANSWER_BOUNDS.path)),
    line: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(ANSWER_BOUNDS.line))),
    severity: v.picklist(SEVERITIES),
    what: text(ANSWER_BOUNDS.what),
    loss: text(ANSWER_BOUNDS.loss),
  }),
  v.transform(({ line, ...rest }) => (line === undefined ? rest : { ...rest, line })),
)

const answer = v.object({
  outcome: v.picklist(['approve', 'findings']),
  summary: text(ANSWER_BOUNDS.summary),
  findings: v.pipe(v.array(finding), v.maxLength(ANSWER_BOUNDS.findings)),
})

function issueWords(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue)
  return `${place ?? 'the answer'}: ${issue.message}`
}
