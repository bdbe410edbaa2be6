import type { Finding } from './verdict.ts'

/** What a reviewing session answers; the rest of a verdict orch knows itself. */
export interface ReviewAnswer {
  readonly outcome: 'approve' | 'findings'
  readonly summary: string
  readonly findings: readonly Finding[]
}

/** Characters, and findings. */
export const ANSWER_BOUNDS = { summary: 2000, findings: 50, path: 500, line: 10_000_000, what: 2000, loss: 1000 } as const
export const SEVERITIES = ['must', 'should', 'note'] as const

/** For the agent. */
export const answerSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['outcome', 'summary', 'findings'],
  properties: {
    outcome: { enum: ['approve', 'findings'], description: 'approve: it may land as it is' },
    summary: { type: 'string', minLength: 1, maxLength: ANSWER_BOUNDS.summary },
    findings: {
      type: 'array',
      maxItems: ANSWER_BOUNDS.findings,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['path', 'severity', 'what', 'loss'],
        properties: {
          path: { type: 'string', minLength: 1, maxLength: ANSWER_BOUNDS.path, description: 'relative to the repository' },
          line: { type: 'integer', minimum: 1, maximum: ANSWER_BOUNDS.line },
          severity: { enum: [...SEVERITIES], description: 'must: it must not land like this' },
          what: { type: 'string', minLength: 1, maxLength: ANSWER_BOUNDS.what },
          loss: { type: 'string', minLength: 1, maxLength: ANSWER_BOUNDS.loss, description: 'what would be lost if it stayed as it is' },
        },
      },
    },
  },
} as const

/** Why this answer, whose shape is right, says nothing that could be acted on; undefined when it does. */
export function answerProblem({ outcome, findings }: ReviewAnswer): string | undefined {
  const stray = findings.find(({ path }) => !isInside(path))
  if (stray !== undefined) return `the path "${stray.path}" of a finding is not one within the repository, relative to its root`
  if (outcome === 'findings' && findings.length === 0) return 'the outcome is findings, and there are none'
  if (outcome === 'approve' && findings.some(({ severity }) => severity === 'must'))
    return 'the outcome is approve, and a finding has the severity must'
  return undefined
}

function isInside(path: string): boolean {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || /[\\\p{Cc}]/u.test(path)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
}
