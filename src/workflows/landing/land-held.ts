import type { Sha } from '../../foundation/brand.ts'
import type { Offer } from '../queue/offer.ts'
import type { Services } from '../services.ts'

export type HeldStanding =
  | { readonly kind: 'landed' }
  | { readonly kind: 'waiting'; readonly dirty: readonly string[] }
  /** The target went another way: it must be tested anew. */
  | { readonly kind: 'moved' }

/** Tries to land what is tested and waits for a clean checkout. It may have landed with another already, while more waits by now. */
export async function landHeld(
  services: Services,
  { repository: path, target, allowDirty }: Pick<Offer, 'repository' | 'target' | 'allowDirty'>,
  held: Sha,
): Promise<HeldStanding> {
  const repository = await services.repository(path)
  services.audit.expect(held)
  const outcome = await repository.landWaiting(target, allowDirty)
  const current = await repository.resolve(`refs/heads/${target}`)
  if (current !== undefined && (await repository.isAncestor(held, current))) return { kind: 'landed' }
  return outcome?.kind === 'waiting' ? { kind: 'waiting', dirty: outcome.dirty } : { kind: 'moved' }
}
