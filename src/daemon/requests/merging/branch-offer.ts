import type { Sha } from '../../../foundation/brand.ts'
import { queueSettings, type Offer } from '../../../workflows/queue/offer.ts'
import type { Place } from '../task-inputs.ts'

export interface BranchFacts {
  /** Of the person's question. */
  readonly merge: string
  readonly branch: string
  readonly head: Sha
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Names a stored environment. */
  readonly environment: string
  readonly priority?: number
  readonly subject?: string
  readonly validate?: string | undefined
}

/** A branch that is no task's, with the settings of its repository. */
export function branchOffer({ config, project, repository, target }: Place, facts: BranchFacts): Offer {
  const { merge, branch, head, at, environment, priority = 0, subject = `Merge ${branch}`, validate } = facts
  return {
    entry: { id: `${merge} ${branch}`, name: branch, branch, head, priority, needs: [], at },
    run: '',
    project,
    repository: repository.root,
    target,
    subject,
    trailers: {},
    allowDirty: [config.backlog],
    settings: queueSettings({ ...config, ...(validate !== undefined && { validate }) }),
    environment,
  }
}
