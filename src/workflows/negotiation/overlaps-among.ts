import type { Sha } from '../../foundation/brand.ts'
import { hunksBetweenMarks } from '../../domain/radar/marked-hunks.ts'
import { boundedHunks, countLines, type ConflictFile, type PartsOverlap } from '../../domain/radar/parts-overlap.ts'
import type { Repository } from '../../ports/git.ts'
import type { Services } from '../services.ts'
import type { PartHead, TaskInput } from '../task-input.ts'

/** What these commits of a feature's parts conflict in with each other, as merging every two of them would find it. To be called within a step. */
export async function overlapsAmong(
  services: Pick<Services, 'repository'>,
  input: TaskInput,
  heads: readonly PartHead[],
): Promise<readonly PartsOverlap[]> {
  const repository = await services.repository(input.repository)
  const { commit: target } = await repository.targetTip(input.target)
  const { pairs } = await repository.conflictsAmong(target, [...new Set(heads.map(({ commit }) => commit as Sha))])
  const overlaps: PartsOverlap[] = []
  for (const { a, b, files } of pairs) {
    const [one, other] = [a, b].flatMap((sha) => heads.find(({ commit }) => commit === sha) ?? []).toSorted(byDepartment)
    if (one !== undefined && other !== undefined) overlaps.push(await overlapOf(repository, input, [one, other], files))
  }
  return overlaps
}

const MOST_FILES = 20
const MOST_BYTES = 4000

async function overlapOf(
  repository: Repository,
  { handle }: TaskInput,
  [one, other]: readonly [PartHead, PartHead],
  files: readonly string[],
): Promise<PartsOverlap> {
  const shown: ConflictFile[] = []
  for (const path of files.slice(0, MOST_FILES)) {
    const text = await repository.conflictHunks(one.commit as Sha, other.commit as Sha, [path], MOST_BYTES)
    shown.push({ path, kind: 'contents', hunks: hunksBetweenMarks(text) })
  }
  const side = ({ department, commit }: PartHead, which: 'one' | 'other') => ({
    handle: `${handle}.${department}`,
    head: commit,
    isCommitted: true,
    lines: shown.flatMap(({ hunks }) => hunks).reduce((sum, hunk) => sum + countLines(hunk[which]), 0),
  })
  return { one: side(one, 'one'), other: side(other, 'other'), files: boundedHunks(shown), fileCount: files.length }
}

function byDepartment(a: PartHead, b: PartHead): number {
  return a.department < b.department ? -1 : 1
}
