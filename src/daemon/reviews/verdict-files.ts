import { join } from 'node:path'
import * as v from 'valibot'
import { ANSWER_BOUNDS } from '../../domain/verification/answer.ts'
import type { ReviewVerdict } from '../../domain/verification/verdict.ts'
import { boardFolder, type Home } from '../../config/home.ts'
import { ensurePrivateDirectory, loadJson, replaceFile } from '../../platform/files.ts'
import { parseAnswer } from './parse-answer.ts'

/** What one department found out about one commit of another's, and what finding it out cost the task of this handle. */
export interface KeptVerdict {
  readonly verdict: ReviewVerdict
  readonly handle: string
  readonly costUsd: number
}

export interface VerdictKey {
  readonly project: string
  readonly commit: string
  readonly of: string
  readonly by: string
}

/** One immutable file each, on the project's board. One that cannot be read is asked for again. */
export async function loadVerdict(home: Home, key: VerdictKey): Promise<KeptVerdict | undefined> {
  const kept = await loadJson(verdictFile(home, key), parseKept).catch(() => undefined)
  const isOfKey = kept?.verdict.commit === key.commit && kept.verdict.of === key.of && kept.verdict.by === key.by
  return isOfKey ? kept : undefined
}

export async function keepVerdict(home: Home, project: string, kept: KeptVerdict): Promise<void> {
  const { commit, of, by } = kept.verdict
  const path = verdictFile(home, { project, commit, of, by })
  await ensurePrivateDirectory(join(path, '..'))
  await replaceFile(path, `${JSON.stringify(kept, undefined, 2)}\n`)
}

function verdictFile(home: Home, { project, commit, of, by }: VerdictKey): string {
  const name = [commit, of, by].map(encodeURIComponent).join('.')
  return join(boardFolder(home, project), 'verdicts', `${name}.json`)
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

function parseKept(value: unknown): KeptVerdict {
  const { handle, costUsd, verdict } = v.parse(facts, value)
  const { by, of, commit, at } = verdict
  const parsed = parseAnswer(verdict)
  if (parsed.kind === 'unusable') throw new Error(parsed.problem)
  return { handle, costUsd, verdict: { by, of, commit, at, ...parsed.answer } }
}
