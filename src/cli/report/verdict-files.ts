import type { VerdictRecord } from '../../domain/report/feature-record.ts'
import { parseKeptVerdict } from '../../domain/verification/kept-verdict.ts'
import { boardFolder } from '../../config/home.ts'
import { loadForeignFolder } from '../../platform/foreign-files.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'

const BOUNDS = { files: 100_000, bytes: 1_000_000 } as const

/** Of this part's work, oldest first: what is kept of each, and what its status says of the newest checkpoint. */
export async function loadVerdicts(home: string, project: string, status: TaskStatus): Promise<readonly VerdictRecord[]> {
  const files = await loadForeignFolder(boardFolder({ root: home }, project), ['verdicts'], { ...BOUNDS, ending: '.json' })
  const kept = files.flatMap(({ text }): VerdictRecord[] => {
    const found = parseKeptVerdict(parseJson(text))
    if (found?.handle !== status.handle) return []
    const { verdict } = found
    return [{ ...verdict, must: verdict.findings.filter(({ severity }) => severity === 'must').length }]
  })
  const newest = (status.verdicts ?? []).map((verdict) => {
    const whole = kept.find(({ by, commit }) => by === verdict.by && commit === verdict.commit)
    return { findings: [], ...whole, ...verdict, at: whole?.at ?? Date.parse(verdict.at) }
  })
  const older = kept.filter(({ by, commit }) => !newest.some((each) => each.by === by && each.commit === commit))
  return [...older, ...newest].toSorted((a, b) => a.at - b.at)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
