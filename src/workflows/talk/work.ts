import type { TaskLife } from '../life/task-life.ts'
import type { WorktreeLook } from '../life/worktree-look.ts'
import type { News } from '../news.ts'
import type { Checkpoint } from './talk-end.ts'

type Declared = Extract<News, { kind: 'declared' }>
export type Work = WorktreeLook & { readonly at: number }

/** What the session has left in its worktree when its turn is over. */
export async function lookForWork(life: TaskLife, declared: Declared | undefined): Promise<Work> {
  const found = await life.lookAtWorktree(declared !== undefined || life.isFinishedOnce)
  const at = await life.run.step('turn end', () => life.services.now())
  life.note({ lastCommit: found.lastCommit, uncommitted: found.uncommitted.length })
  return { ...found, at }
}

/** It is there to be validated. */
export function checkpointAt(life: TaskLife, { head, lastCommit, at }: Work, declared: Declared | undefined): Checkpoint {
  const isInferred = declared === undefined
  life.note({ checkpoint: { commit: head, isInferred, at, message: declared?.message ?? lastCommit.subject } })
  life.isFinishedOnce = true
  return { kind: 'checkpoint', commit: head, isInferred }
}
