import type { FeatureRecord, PartRecord } from '../../domain/report/feature-record.ts'
import type { Repository } from '../../ports/git.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failures.ts'
import { loadNotes } from '../tasks/agent-notes.ts'
import { loadMessages } from '../tasks/board-files.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import { taskInputOf } from '../tasks/task-input-of.ts'
import { loadOwnWork, type OwnWork } from './own-work.ts'
import { loadVerdicts } from './verdict-files.ts'

/** The status of the feature that is meant: by its own name, by that of one of its parts, or by the worktree of one. */
export function requireFeature(context: Context, typed: string | undefined): TaskStatus {
  const named = requireTask(context, typed)
  const part = taskInputOf(context.home, named.handle)?.part
  const status = part === undefined ? named : requireTask(context, part.feature)
  if (status.kind === 'feature') return status
  throw usageFailure(`${status.handle} is no feature: one session does it.`, 'orch feature "…" -d frontend,backend begins one')
}

/** All that the files of this home and git know of it; the daemon is not asked. */
export async function loadFeature(context: Context, status: TaskStatus): Promise<FeatureRecord> {
  const { handle, project, title, target, reason, landedAs, costUsd } = status
  const settings = taskInputOf(context.home, handle)?.feature
  const parts = partsOf(context, status)
  const work = await loadWork(context, status, parts)
  return {
    handle,
    title,
    target,
    status: status.status,
    reason,
    createdAt: Date.parse(status.createdAt),
    since: Date.parse(status.since),
    ...(landedAs !== undefined && { landedAs }),
    costUsd,
    phases: settings?.phases ?? { foundation: false, discovery: false, reviews: false, integration: false },
    departments: settings?.departments ?? [],
    contracts: settings?.contracts ?? [],
    parts: await Promise.all(parts.map((part) => toPart(context, part, work.get(part.status.handle)))),
    messages: loadMessages(context.home, project).filter(({ feature }) => feature === handle),
  }
}

interface Part {
  readonly status: TaskStatus
  readonly input: TaskInput & { readonly part: NonNullable<TaskInput['part']> }
}

/** In the order of the feature's departments: foundation first, integration last. */
function partsOf(context: Context, feature: TaskStatus): readonly Part[] {
  const parts = loadStatuses(context.home).tasks.flatMap((status): Part[] => {
    if (status.kind !== 'part' || status.project !== feature.project) return []
    const input = taskInputOf(context.home, status.handle)
    const { part } = input ?? {}
    return input === undefined || part?.feature !== feature.handle ? [] : [{ status, input: { ...input, part } }]
  })
  const rank = ({ input: { part } }: Part): number =>
    ['foundation', 'departments', 'integration'].indexOf(part.phase) * 1000 +
    part.departments.findIndex(({ name }) => name === part.department.name)
  return parts.toSorted((a, b) => rank(a) - rank(b))
}

async function loadWork(context: Context, { repository }: TaskStatus, parts: readonly Part[]): Promise<ReadonlyMap<string, OwnWork>> {
  const opened = await open(context, repository)
  const branches = parts.map(({ status: { handle, base, branch, checkpoint } }) => ({ handle, base, branch, commit: checkpoint?.commit }))
  return opened === undefined ? new Map() : loadOwnWork(opened, branches)
}

/** A repository that is gone takes only its commits from the record. */
async function open(context: Context, path: string): Promise<Repository | undefined> {
  return (await context.services()).git.open(path).catch(() => undefined)
}

async function toPart(context: Context, { status, input: { part } }: Part, work: OwnWork | undefined): Promise<PartRecord> {
  const { handle, project, branch, reason, checkpoint, verdict, lastCommit, landedAs, costUsd, reviewsUsd = 0, overlaps = [] } = status
  const notes = await loadNotes(context.home, status)
  const { head: tip = lastCommit?.sha, ...done } = work ?? {}
  return {
    department: part.department.name,
    handle,
    phase: part.phase,
    branch,
    status: status.status,
    reason,
    ...(checkpoint && { checkpoint: { ...checkpoint, at: Date.parse(checkpoint.at) } }),
    ...(tip !== undefined && { lastCommit: tip }),
    ...(verdict && { validation: { ...verdict, at: Date.parse(verdict.at) } }),
    verdicts: await loadVerdicts(context.home, project, status),
    ...done,
    ...(notes && { notesAt: notes.changedAt }),
    overlaps: overlaps.map(({ with: other, files }) => ({ other, files })),
    unmerged: part.merges?.unmerged ?? [],
    ...(landedAs !== undefined && { landedAs }),
    costUsd,
    reviewsUsd,
  }
}
