import { Failure } from '../../foundation/failure.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import { breakageWords } from '../../domain/queue/breakage-words.ts'
import { land, type Landing } from './land.ts'
import type { News } from '../news.ts'
import type { TaskLife } from '../life/task-life.ts'

type Refusal = { readonly code: string; readonly reason: string; readonly files?: readonly string[]; readonly next: string }

/** What a merge that a person asked for ended with; undefined: it was refused, and they were told why. */
export type HandMerge = { readonly kind: 'landed'; readonly commit: string } | { readonly kind: 'sent-back'; readonly prompt: string }

/** `orch merge NAME`: refuses what is not clean and says why; the rest is the queue's to decide. */
export async function mergeByHand(life: TaskLife, news: Extract<News, { kind: 'merge' }>): Promise<HandMerge | undefined> {
  const { input, services } = life
  const report = (entry: DistributiveOmit<MergeEntry, 'handle' | 'branch'>): void =>
    services.merges.report(news.merge, { handle: input.handle, branch: input.branch, ...entry })
  try {
    const checked = await checkWorktree(life)
    if (typeof checked !== 'string') {
      report({ outcome: 'refused', ...checked })
      return undefined
    }
    report({ outcome: 'running', step: 'in the queue' })
    const landing = await land(life, checked, news.validate, ({ checkout, dirty }) =>
      report({
        outcome: 'waiting',
        reason: `${checkout} has uncommitted changes (${dirty.slice(0, 3).join(', ')})`,
        next: `commit or stash there, then orch merge ${input.handle}`,
      }),
    )
    return concluded(life, landing, report)
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'discarded') throw error
    report({ outcome: 'refused', code: error.code, reason: error.message, next: error.next ?? `orch logs ${input.handle}` })
    return undefined
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

function concluded(
  life: TaskLife,
  landing: Landing,
  report: (entry: DistributiveOmit<MergeEntry, 'handle' | 'branch'>) => void,
): HandMerge | undefined {
  const { handle, target, kind } = life.input
  const again = `orch merge ${handle}`
  switch (landing.kind) {
    case 'landed':
      // Only when the task is over: the person's next command may be its cleanup.
      life.onceMerged.push(() => report({ outcome: 'landed', commit: landing.commit }))
      return landing
    case 'halted':
      // Their word ends the wait that this merge came from.
      life.mailbox.defer(landing.halt)
      report({ outcome: 'refused', code: 'halted', reason: 'you said something else to it meanwhile', next: again })
      return undefined
    case 'removed':
      report({ outcome: 'refused', code: 'removed', reason: 'it was taken out of the queue', next: again })
      return undefined
    case 'void':
      report({ outcome: 'void', reason: 'the branch moved while it waited', next: again })
      return undefined
    case 'sent-back': {
      const { breakage } = landing
      const reason = breakageWords(breakage, target)
      const found = { reason, breakage }
      if (kind === 'manual') {
        report({ outcome: 'sent-back', ...found, next: `mend it in ${life.input.worktree}, commit, then ${again}` })
        return undefined
      }
      report({ outcome: 'sent-back', ...found, next: `its session is mending it: orch logs ${handle}` })
      life.isMergeAsked = true
      return { kind: 'sent-back', prompt: life.words.sentBack(breakage) }
    }
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
