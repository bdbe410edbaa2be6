import { Failure } from '../../foundation/failure.ts'
import { gatesBefore } from '../gates/pass-gates.ts'
import { land, type Landing } from './land.ts'
import type { News } from '../news.ts'
import type { TaskLife } from '../life/task-life.ts'
import { unreviewed } from '../verification/pass-reviews.ts'

type Refusal = { readonly code: string; readonly reason: string; readonly files?: readonly string[]; readonly next: string }

/** What a merge that a person asked for ended with; undefined: it was refused, and they were told why. */
export type HandMerge = { readonly kind: 'landed'; readonly commit: string } | { readonly kind: 'sent-back'; readonly prompt: string }

/** `orch merge NAME`: refuses what is not clean and says why; the rest is the queue's to decide. */
export async function mergeByHand(life: TaskLife, { merge, validate }: Extract<News, { kind: 'merge' }>): Promise<HandMerge | undefined> {
  const { input, services } = life
  const refuse = (refusal: Refusal): undefined => {
    services.merges.report(merge, { handle: input.handle, branch: input.branch, outcome: 'refused', ...refusal })
  }
  try {
    const checked = await checkWorktree(life)
    if (typeof checked !== 'string') return refuse(checked)
    const missing = unreviewed(life, checked)
    if (missing !== undefined) return refuse({ code: 'not-reviewed', reason: missing, next: `orch resume ${input.handle}` })
    const gates = await gatesBefore(life, checked)
    if (gates !== undefined) return refuse({ code: 'at-gate', ...gates })
    return afterLanding(life, await land(life, checked, { merge, ...(validate !== undefined && { validate }) }))
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'discarded') throw error
    return refuse({ code: error.code, reason: error.message, next: error.next ?? `orch logs ${input.handle}` })
  }
}

/** Undefined: the wait that this merge came from goes on. */
function afterLanding(life: TaskLife, landing: Landing): HandMerge | undefined {
  switch (landing.kind) {
    case 'landed':
      return landing
    case 'halted':
      // Their word ends the wait.
      life.mailbox.defer(landing.halt)
      return undefined
    case 'sent-back':
      if (life.input.kind === 'manual') return undefined
      life.isMergeAsked = true
      return { kind: 'sent-back', prompt: life.words.sentBack(landing.breakage) }
    case 'removed':
    case 'void':
      return undefined
  }
}

async function checkWorktree(life: TaskLife): Promise<string | Refusal> {
  const { input, services } = life
  if (!life.hasBase) return { code: 'nothing-to-merge', reason: 'it has no worktree yet', next: `orch resume ${input.handle}` }
  const state = await life.run.step('look at the worktree', async () => {
    const repository = await services.repository(input.repository)
    const found = await repository.inspectWorktree(input.worktree)
    return { head: found.head, branch: found.branch ?? '', uncommitted: found.uncommitted, hasCommit: found.head !== life.base }
  })
  const commitFirst = `commit it in ${input.worktree}, or orch send ${input.handle} "commit your work"`
  if (state.branch !== input.branch)
    return {
      code: 'other-branch',
      reason: `the worktree is on ${state.branch || 'no branch'}, not on ${input.branch}`,
      next: `git switch ${input.branch}`,
    }
  if (state.uncommitted.length > 0) {
    return {
      code: 'dirty-worktree',
      reason: `uncommitted work: ${state.uncommitted.slice(0, 5).join(', ')}`,
      files: state.uncommitted,
      next: commitFirst,
    }
  }
  if (!state.hasCommit) return { code: 'nothing-to-merge', reason: 'there is no commit on the branch yet', next: commitFirst }
  return state.head
}
