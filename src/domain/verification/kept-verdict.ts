import * as v from 'valibot'
import { ANSWER_BOUNDS } from './answer.ts'
import { parseAnswer } from './parse-answer.ts'
import type { ReviewVerdict } from './verdict.ts'

/** What one department found out about one commit of another's, and what finding it out cost the task of this handle. */
export interface KeptVerdict {
  readonly verdict: ReviewVerdict
  readonly handle: string
  readonly costUsd: number
}

const facts = v.object({
  handle: v.string(),
  costUsd: v.number(),
  verdict: v.looseObject({
    by: v.string(),
    of: v.string(),
    commit: v.string(),
    at: v.number(),
    summary: v.pipe(v.string(), v.maxLength(ANSWER_BOUNDS.summary)),
  }),
})

/** As it lies in its file; undefined for anything else. */
export function parseKeptVerdict(value: unknown): KeptVerdict | undefined {
  const found = v.safeParse(facts, value)
  if (!found.success) return undefined
  const { handle, costUsd, verdict } = found.output
  const { by, of, commit, at } = verdict
  const parsed = parseAnswer(verdict)
  return parsed.kind === 'answer' ? { handle, costUsd, verdict: { by, of, commit, at, ...parsed.answer } } : undefined
}
