import type { Sha } from '../../foundation/brand.ts'
import type { Run } from '../../ports/engine.ts'
import type { Services } from '../services.ts'
import type { Offer } from './offer.ts'

export type HeldOutcome = { readonly kind: 'landed' | 'target-moved' } | { readonly kind: 'waiting'; readonly dirty: readonly string[] }

/** Tries again to land what was tested while the user's checkout was in the way. */
export async function landHeld(
  run: Run,
  services: Services,
  { repository: path, target, allowDirty }: Pick<Offer, 'repository' | 'target' | 'allowDirty'>,
  commit: string,
): Promise<HeldOutcome> {
  return run.step('land what waits', async () => {
    const repository = await services.repository(path)
    services.audit.expect(commit)
    const moved = await repository.landWaiting(target, allowDirty)
    if (moved?.kind === 'waiting') return { kind: 'waiting', dirty: moved.dirty }
    const { commit: tip } = await repository.targetTip(target)
    return { kind: (await repository.isAncestor(commit as Sha, tip)) ? 'landed' : 'target-moved' }
  })
}
