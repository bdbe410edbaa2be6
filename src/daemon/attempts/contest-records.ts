import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import type { TaskRecord } from '../services/task-record.ts'

/** The task's input with the branch and worktree that its work is in: those of the attempt that was proposed or taken, or of a feature's integration. */
export function placedInput(roster: Roster, { input }: TaskRecord): TaskInput {
  const status = input.contest === undefined && input.feature === undefined ? undefined : roster.status(input.handle)
  if (status === undefined) return input
  return { ...input, branch: status.branch, ...(status.worktree !== undefined && { worktree: status.worktree }) }
}

/** Those of its attempts and of its departments' parts that were begun. */
export function innerRecords(roster: Roster, record: TaskRecord): readonly TaskRecord[] {
  const { input, runId } = record
  const parts = (input.feature?.departments ?? []).flatMap(({ name }) => {
    const part = roster.record(`${input.handle}.${name}`)
    return part?.input.part?.run === runId ? [part] : []
  })
  return [...attemptRecords(roster, record), ...parts]
}

/** Those of its attempts that were begun. */
export function attemptRecords(roster: Roster, { input, runId }: TaskRecord): readonly TaskRecord[] {
  return (input.contest?.attempts ?? []).flatMap(({ number }) => {
    const record = roster.record(`${input.handle}.${number}`)
    return record?.input.attemptOf?.run === runId ? [record] : []
  })
}
