import type { Sha } from '../../foundation/brand.ts'
import type { Services } from '../services.ts'
import type { PartHead, TaskInput, UnmergedPart } from '../task-input.ts'

/** The target with the work of all departments that merges without a conflict, one after the other. */
export type MergedParts = {
  readonly at: number
  readonly commit: string
  readonly merged: readonly PartHead[]
  readonly unmerged: readonly UnmergedPart[]
}

/** In the object database; no ref and no worktree is touched. */
export async function mergeParts(services: Services, input: TaskInput, heads: readonly PartHead[]): Promise<MergedParts> {
  const repository = await services.repository(input.repository)
  const at = services.now()
  let { commit } = await repository.targetTip(input.target)
  const merged: PartHead[] = []
  const unmerged: UnmergedPart[] = []
  for (const part of heads) {
    const head = part.commit as Sha
    if (await repository.isAncestor(head, commit)) {
      merged.push(part)
      continue
    }
    const built = await repository.buildCandidate({
      target: commit,
      head,
      strategy: 'merge',
      message: `Merge ${part.department} into ${input.task.id}`,
      trailers: { 'Orch-Task': `${input.handle}.${part.department}` },
      edits: {},
      at,
    })
    if ('conflicts' in built) unmerged.push({ ...part, files: built.conflicts })
    else {
      commit = built.commit
      merged.push(part)
    }
  }
  return { at, commit, merged, unmerged }
}

/** Which of these heads the commit does not hold. */
export async function missingIn(
  services: Services,
  input: TaskInput,
  commit: string,
  heads: readonly PartHead[],
): Promise<readonly PartHead[]> {
  const repository = await services.repository(input.repository)
  const held = await Promise.all(heads.map((head) => repository.isAncestor(head.commit as Sha, commit as Sha)))
  return heads.filter((_head, at) => held[at] !== true)
}

/** Whose branch is at another commit than the one that was verified, or gone. */
export async function staleAmong(
  services: Services,
  parts: readonly { readonly name: string; readonly branch: string; readonly commit: string }[],
  path: string,
): Promise<readonly string[]> {
  const repository = await services.repository(path)
  const found = await Promise.all(parts.map(({ branch }) => repository.resolve(`refs/heads/${branch}`)))
  return parts.filter(({ commit }, at) => found[at] !== commit).map(({ name }) => name)
}
