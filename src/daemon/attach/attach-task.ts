import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import { isSameProcess } from '../../platform/process-identity.ts'
import type { AttachRequest } from '../../protocol/requests.ts'
import type { AttachResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { NEWS } from '../../workflows/news.ts'
import { lookAtTask } from '../requests/await-stage.ts'
import { findTask } from '../requests/find-task.ts'
import type { RequestParts } from '../requests/parts.ts'
import type { TaskRecord } from '../services/task-record.ts'
import { requireAttachable } from './attachable.ts'

/** So long one request waits before the client hears how far it is. */
const WAIT_MS = 20_000
/** The first one answers sooner: whoever sits there learns that a turn runs, and that `--now` ends it. */
const FIRST_WAIT_MS = 2000

/** `orch attach`: the conversation of a task, once its run has brought it to a safe point. */
export async function attachTask(parts: RequestParts, request: AttachRequest): Promise<AttachResponse> {
  const record = await findTask(parts, request)
  const { handle } = record.input
  const task = statusOf(parts, handle)
  if (request.isAgain !== true) requireAttachable(parts, record)
  if (request.isDryRun === true) {
    await requireFree(parts, handle, request.id)
    return {
      kind: 'would',
      task,
      waits: request.isNow !== true && parts.roster.stage(handle)?.kind === 'in-session' && task.status === 'Working',
    }
  }
  const isReady = await lookAtTask(
    parts,
    handle,
    request.isAgain === true ? WAIT_MS : FIRST_WAIT_MS,
    () => wish(parts, record, request),
    (seen) => seen,
  )
  const terminal = isReady ? await parts.terminals.commandFor(record.input, request.id) : undefined
  return terminal === undefined
    ? { kind: 'waiting', task: statusOf(parts, handle) }
    : { kind: 'ready', task: statusOf(parts, handle), terminal }
}

/** Whether the conversation is this client's. Its run hears of the wish once for each way it stands: what it does meanwhile may have passed over it. */
async function wish(parts: RequestParts, { runId, input }: TaskRecord, { id, client, isNow = false }: AttachRequest): Promise<boolean> {
  const { handle } = input
  const stage = parts.roster.stage(handle)
  if (stage?.kind === 'attached' && stage.by === id) return true
  const refusal = parts.terminals.refusalOf(id)
  if (refusal !== undefined)
    throw new Failure(refusal.code, `${handle} could not be handed over: ${plainLine(refusal.reason, 500)}`, {
      safe: 'orch goes on with it',
      next: `orch logs ${handle}`,
    })
  requireOpen(stage, handle)
  await requireFree(parts, handle, id)
  const key = `attach ${id} ${stage?.kind} ${statusOf(parts, handle).since}`
  await parts.engine.send(runId, NEWS, { kind: 'attach', by: id, client, isNow }, key)
  return false
}

/** One whose client has just ended is about to be taken back. */
async function requireFree({ roster }: RequestParts, handle: string, id: string): Promise<void> {
  const stage = roster.stage(handle)
  if (stage?.kind !== 'attached' || stage.by === id || (await isSameProcess(stage.client)) === 'dead') return
  const { pid, terminal } = stage.client
  const where = terminal === undefined ? `process ${pid}` : `${plainLine(terminal)}, process ${pid}`
  throw new Failure('attached', `${handle} is in a terminal already: ${where}, since ${roster.status(handle)?.since ?? 'just now'}`, {
    safe: 'nothing was changed',
    next: `leave Claude Code there (/exit), or orch stop ${handle}`,
  })
}

function requireOpen(stage: Stage | undefined, handle: string): void {
  if (stage?.kind === 'merged' || stage?.kind === 'archived' || stage?.kind === 'landing-held')
    throw new Failure('task-over', `${handle} was over before it could be handed over`, { next: 'orch monitor' })
}

function statusOf({ roster }: RequestParts, handle: string): TaskStatus {
  const task = roster.status(handle)
  if (task === undefined) throw new Failure('unknown-task', `there is no task ${handle}`, { next: 'orch list' })
  return task
}
