import { join } from 'node:path'
import { type KeptVerdict, parseKeptVerdict } from '../../domain/verification/kept-verdict.ts'
import { boardFolder, type Home } from '../../config/home.ts'
import { ensurePrivateDirectory, loadJson, replaceFile } from '../../platform/files.ts'

export interface VerdictKey {
  readonly project: string
  readonly commit: string
  readonly of: string
  readonly by: string
}

/** One immutable file each, on the project's board. One that cannot be read is asked for again. */
export async function loadVerdict(home: Home, key: VerdictKey): Promise<KeptVerdict | undefined> {
  const kept = await loadJson(verdictFile(home, key), parseKeptVerdict).catch(() => undefined)
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
