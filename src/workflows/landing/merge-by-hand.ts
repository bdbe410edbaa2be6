import { Failure } from '../../foundation/failure.ts'
import type { MergeEntry } from '../../domain/merging/merge-entry.ts'
import { land } from './land.ts'
import type { News } from '../news.ts'
import type { TaskLife } from '../life/task-life.ts'
import { validate } from './validate.ts'

type Refusal = { readonly code: string; readonly reason: string; readonly files?: readonly string[]; readonly next: string }

/** `orch merge NAME`: refuses what is not clean or not valid and says why; the commit when it landed. */
export async function mergeByHand(life: TaskLife, news: Extract<News, { kind: 'merge' }>): Promise<string | undefined> {
  const { input, services } = life
  const report = (entry: DistributiveOmit<MergeEntry, 'handle' | 'branch'>): void =>
    services.merges.report(news.merge, { handle: input.handle, branch: input.branch, ...entry })
  const validation = news.validate ?? input.settings.validate
  try {
    const checked = await checkWorktree(life)
    if (typeof checked !== 'string') {
      report({ outcome: 'refused', ...checked })
      return undefined
    }
    report({ outcome: 'running', step: 'validating in the worktree' })
    const verdict = await validate(life, checked, validation)
    if (!verdict.isPassed) {
      report({
        outcome: 'refused',
        code: 'validation-failed',
        reason: `the validation failed: ${verdict.summary}`,
        next: `orch logs ${input.handle}`,
      })
      return undefined
    }
    report({ outcome: 'running', step: 'building and validating the merged tree' })
    const landing = await land(life, checked, validation, ({ checkout, dirty }) =>
      report({
        outcome: 'waiting',
        reason: `${checkout} has uncommitted changes (${dirty.slice(0, 3).join(', ')})`,
        next: `commit or stash there, then orch merge ${input.handle}`,
      }),
    )
    if (landing.kind === 'landed') {
      // Only when the task is over: the person's next command may be its cleanup.
      life.onceMerged.push(() => report({ outcome: 'landed', commit: landing.commit }))
      return landing.commit
    }
    // Their word ends the wait that this merge came from.
    if (landing.kind === 'halted') life.mailbox.defer(landing.halt)
    report({ outcome: 'refused', ...refusal(life, landing) })
    return undefined
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'discarded') throw error
    report({ outcome: 'refused', code: error.code, reason: error.message, next: error.next ?? `orch logs ${input.handle}` })
    return undefined
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

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

function refusal(
  life: TaskLife,
  landing: { kind: 'conflicts'; files: readonly string[] } | { kind: 'halted' } | { kind: 'failed-merged'; verdict: { summary: string } },
): Refusal {
  const { handle, target } = life.input
  if (landing.kind === 'halted') return { code: 'halted', reason: 'you said something else to it meanwhile', next: `orch merge ${handle}` }
  return landing.kind === 'conflicts'
    ? {
        code: 'conflicts',
        reason: `conflicts with ${target}`,
        files: landing.files,
        next: `orch send ${handle} "merge ${target} into your branch and resolve"`,
      }
    : {
        code: 'failed-merged',
        reason: `merged with ${target} the validation fails: ${landing.verdict.summary}`,
        next: `orch send ${handle} "…"`,
      }
}
