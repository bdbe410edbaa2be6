import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { taskIdOfName, timestampName } from '../../domain/tasks/names.ts'
import type { SpawnRequest } from '../../protocol/requests.ts'
import type { SpawnResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { awaitStage } from './await-stage.ts'
import { openPlace } from './open-place.ts'
import type { RequestParts } from './parts.ts'
import { takenBy } from './run-backlog.ts'
import { revive } from '../services/task-entry.ts'
import { typedIn } from '../sessions/manual-command.ts'
import { startTask } from './start-task.ts'
import { looseTask, toTaskInput, type Place } from './task-inputs.ts'

const WORKTREE_DEADLINE_MS = 60_000

/** `orch spawn` and `orch quick`: one more session. Returns as soon as the task is recorded; the rest goes on by itself. */
export async function spawnTask(parts: RequestParts, request: SpawnRequest): Promise<SpawnResponse> {
  const place = await openPlace(parts, request.cwd, request.environment)
  const isDryRun = request.isDryRun ?? false
  const input = await parts.starts.take(() => start(parts, request, place, isDryRun))
  const task = parts.roster.status(input.handle) ?? preview(input)
  if (request.kind !== 'manual') return { task, isDryRun }
  const command = isDryRun ? typedIn(input.worktree, ['claude']) : await manualCommand(parts, input)
  return { task: parts.roster.status(input.handle) ?? task, command, isDryRun }
}

/** The task of this very request if it was asked before (its connection broke), else a new one. */
async function start(parts: RequestParts, request: SpawnRequest, place: Place, isDryRun: boolean): Promise<TaskInput> {
  const known = request.id === undefined ? undefined : parts.roster.records().find(({ input }) => input.request === request.id)
  if (known !== undefined) {
    await parts.engine.start('task', known.input, { id: known.runId })
    return known.input
  }
  const input = await newInput(parts, request, place, isDryRun)
  if (!isDryRun) await startTask(parts, input)
  return input
}

async function newInput(parts: RequestParts, request: SpawnRequest, place: Place, isDryRun: boolean): Promise<TaskInput> {
  const now = parts.clock.now()
  const id =
    request.kind === 'quick' && request.name === undefined
      ? taskIdOfName(`quick-${timestampName(now)}`)
      : taskIdOfName(request.name ?? request.prompt ?? '')
  refuseTaken(parts, place, id)
  await requireCommit(place, request.base)
  const prompt = request.prompt ?? ''
  const title = plainLine(prompt.trim().split('\n')[0] ?? '', 120) || plainLine(request.name ?? '', 120) || id
  const task = {
    ...looseTask(id, title, title === prompt ? '' : prompt),
    ...(request.model !== undefined && { model: request.model }),
    ...(request.budgetUsd !== undefined && { budgetUsd: request.budgetUsd }),
    ...(request.validate !== undefined && { validate: request.validate }),
  }
  const [environment, isTaken] = await Promise.all([isDryRun ? '' : parts.environments.keep(request.environment), takenBy(parts, place)])
  return toTaskInput(place, {
    task,
    kind: request.kind,
    ...(request.base !== undefined && { base: request.base }),
    ...(request.attempts !== undefined && { attempts: request.attempts }),
    ...(request.conversation !== undefined && { conversation: request.conversation }),
    priority: 0,
    environment,
    ...(request.id !== undefined && { request: request.id }),
    now,
    isTaken,
  })
}

/** Failure `already-there`. */
export function refuseTaken(parts: RequestParts, place: Place, id: string): void {
  const status = parts.roster.status(`${place.project}.${id}`)
  if (status === undefined || status.status === 'Archived') return
  throw new Failure('already-there', `there is already a task ${status.handle} (${status.status})`, {
    safe: 'nothing was started',
    next: `${nextOf(status)}   or   another name`,
  })
}

function nextOf({ status, handle }: TaskStatus): string {
  if (status === 'Merged') return `orch cleanup ${handle}`
  return status === 'Failed' ? `orch resume ${handle}   or   orch cleanup ${handle} --abandon "why"` : `orch send ${handle} "…"`
}

/** Said at once: a task that cannot begin would only hold its name. */
export async function requireCommit({ repository }: Place, base: string | undefined): Promise<void> {
  if (base === undefined || (await repository.resolve(base)) !== undefined) return
  throw new Failure('unknown-base', `there is no commit or branch "${plainLine(base)}" to start from`, {
    safe: 'nothing was started',
    next: '`git branch --all` shows the branches',
  })
}

/** Answered when the worktree stands, so that the printed `cd` works. */
async function manualCommand(parts: RequestParts, input: TaskInput): Promise<string> {
  const stage = await awaitStage(parts, input.handle, ({ kind }) => kind === 'manual' || kind === 'failed', WORKTREE_DEADLINE_MS)
  if (stage?.kind === 'failed') throw new Failure('setup-failed', stage.reason, { next: stage.next })
  if (stage?.kind === 'manual') return stage.command
  throw new Failure('setup-slow', `${input.handle} is still being set up`, {
    safe: 'it goes on',
    next: `orch list ${input.handle} shows the command once it is ready`,
  })
}

/** The status of a task that was made known a moment ago, for one that is not. */
export function preview(input: TaskInput): TaskStatus {
  const { status } = revive({ runId: '', generation: 0, input }, undefined)
  return { ...status, worktree: input.worktree, reason: 'would be started' }
}
