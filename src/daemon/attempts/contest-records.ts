import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import type { TaskRecord } from '../services/task-record.ts'

/** The task's input with the branch and worktree that its work is in: those of the attempt that was proposed or taken, where it has several. */
export function placedInput(roster: Roster, { input }: TaskRecord): TaskInput {
  const status = input.contest === undefined ? undefined : roster.status(input.handle)
  if (status === undefined) return input
  return { ...input, branch: status.branch, ...(status.worktree !== undefined && { worktree: status.worktree }) }
}

/** Those of its attempts that were begun. */
export function attemptRecords(roster: Roster, { input, runId }: TaskRecord): readonly TaskRecord[] {
  return (input.contest?.attempts ?? []).flatMap(({ number }) => {
    const record = roster.record(`${input.handle}.${number}`)
    return record?.input.attemptOf?.run === runId ? [record] : []
  })
}
