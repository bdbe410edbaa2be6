import type { Sha } from '../../foundation/brand.ts'
import type { Repository } from '../../ports/git.ts'

/** From which commit on the work is its own: what came into the branch from the target meanwhile was looked at where it came from. */
export async function leftTargetAt(
  repository: Pick<Repository, 'targetTip' | 'mergeBase' | 'isAncestor'>,
  { target, base, commit }: { readonly target: string; readonly base: Sha; readonly commit: Sha },
): Promise<Sha> {
  const { commit: tip } = await repository.targetTip(target)
  const fork = await repository.mergeBase(tip, commit)
  return fork !== undefined && (await repository.isAncestor(base, fork)) ? fork : base
}
