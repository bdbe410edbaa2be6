import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import type { TaskId } from '../../foundation/brand.ts'
import { planBacklog } from '../../domain/backlog/backlog-plan.ts'
import { prioritiesOf } from '../../domain/tasks/plan.ts'
import type { BacklogTask } from '../../domain/tasks/task.ts'
import type { RunRequest } from '../../protocol/requests.ts'
import type { RunResponse } from '../../protocol/responses.ts'
import { openPlace } from './open-place.ts'
import type { RequestParts } from './parts.ts'
import type { TaskRecord } from '../services/task-record.ts'
import { failedWith, resumption } from './steer-task.ts'
import { restartTask, startTask } from './start-task.ts'
import { type Place, toTaskInput } from './task-inputs.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { NEWS } from '../../workflows/news.ts'

/** `orch run`: starts every pending task of a backlog that has not been started, and says what it found of the others. */
export async function runBacklog(parts: RequestParts, request: RunRequest): Promise<RunResponse> {
  const place = await openPlace(parts, request.cwd, request.environment)
  const path = request.backlog ?? join(place.repository.root, place.config.backlog)
  const file = await loadBacklog(path)
  // Two runs at once must not both find a task not started.
  return parts.starts.take(() => runPlan(parts, request, place, path, file))
}

async function runPlan(parts: RequestParts, request: RunRequest, place: Place, path: string, file: Uint8Array): Promise<RunResponse> {
  const max = request.max ?? place.config.max
  const name = relative(place.repository.root, path)
  const isInside = !name.startsWith('..') && !isAbsolute(name)
  const plan = planBacklog(file, isInside ? name : path, {
    only: request.only ?? [],
    max,
    isLanded: (id) => parts.roster.hasLanded(`${place.project}.${id}`),
  })
  const landed = new Set(plan.landed)
  const order = plan.waves.flat()
  const response = {
    started: [] as string[],
    continued: [] as string[],
    skipped: plan.landed.map((id) => ({ task: id as string, reason: 'landed' })),
    order: order.map((id) => `${place.project}.${id}`),
    plan: { ...plan, tasks: plan.tasks.map(({ id, title, needs, owns }) => ({ id, title, needs, owns })) },
    max,
    notes: await notesOf(place),
    isDryRun: request.isDryRun ?? false,
  }
  const environment = response.isDryRun ? '' : await parts.environments.keep(request.environment)
  const priorities = prioritiesOf(plan.tasks.filter((task) => !landed.has(task.id)))
  const byId = new Map(plan.tasks.map((task) => [task.id, task]))
  const isTaken = await takenBy(parts, place)
  const made: string[] = []
  for (const id of order) {
    const task = byId.get(id)
    if (task === undefined) continue
    const known = parts.roster.record(`${place.project}.${id}`)
    const run = known && parts.engine.get(known.runId)
    if (known !== undefined && run?.status === 'running') {
      await goOn(parts, known, { environment, model: place.config.model }, response)
      continue
    }
    if (known !== undefined && run?.status === 'failed') {
      if (!response.isDryRun) await restartTask(parts, known)
      response.continued.push(known.input.handle)
      continue
    }
    const input = toTaskInput(
      { ...place, config: { ...place.config, max } },
      {
        task: withoutMeta(task, landed),
        kind: 'backlog',
        ...(isInside && { backlog: name }),
        priority: priorities.get(id) ?? 0,
        environment,
        ...(request.land !== undefined && { land: request.land }),
        ...(request.attempts !== undefined && { attempts: request.attempts }),
        ...(request.accept !== undefined && { accept: request.accept }),
        now: parts.clock.now(),
        isTaken: (branch, worktree) => isTaken(branch, worktree) || made.some((name) => name === branch || name === worktree),
      },
    )
    made.push(...namesOf(input))
    if (!response.isDryRun) await startTask(parts, input)
    response.started.push(input.handle)
  }
  return response
}

async function loadBacklog(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new Failure('no-backlog', `${path} could not be read`, { cause, next: '`orch init` writes one; or `orch run <file>`' })
  })
}

/** What the login, the account, the model's name or a missing program was the cause of: whoever runs the backlog again has mended it for all. */
const SHARED_FAILURES: ReadonlySet<string | undefined> = new Set(['authentication', 'billing', 'model-not-found', 'agent-missing'])

type Progress = { readonly continued: string[]; readonly skipped: { task: string; reason: string }[]; readonly isDryRun: boolean }

/** Paused and stopped tasks go on, and those that one wrong key has failed, with this one; the others wait for the person, who is told. */
async function goOn(
  parts: RequestParts,
  { runId, input: { handle } }: TaskRecord,
  now: { environment: string; model: string | undefined },
  response: Progress,
): Promise<void> {
  const stage = parts.roster.stage(handle)
  const code = failedWith(parts, handle)
  if (stage?.kind === 'failed' && !SHARED_FAILURES.has(code)) {
    response.skipped.push({ task: handle, reason: `failed: ${stage.reason}; orch resume ${handle}` })
    return
  }
  response.continued.push(handle)
  if (response.isDryRun) return
  if (stage?.kind === 'paused') await parts.engine.send(runId, NEWS, { kind: 'resume' }, parts.newId())
  if (stage?.kind === 'failed')
    await parts.engine.send(runId, NEWS, resumption(now.environment, code === 'model-not-found' ? now.model : undefined), parts.newId())
}

function withoutMeta(task: BacklogTask, landed: ReadonlySet<TaskId>): BacklogTask {
  return { ...task, needs: task.needs.filter((need) => !landed.has(need)) }
}

/** Names of other tasks and of every branch that is there: what was left or made by hand is not built upon by accident. */
export async function takenBy(parts: RequestParts, { repository }: Place): Promise<(branch: string, worktree: string) => boolean> {
  const known = parts.roster.statuses().filter((status) => status.status !== 'Archived')
  const inputs = known.map((status) => parts.roster.record(status.handle)?.input)
  const refs = await repository.snapshotRefs()
  return (branch, worktree) =>
    Object.hasOwn(refs, `refs/heads/${branch}`) ||
    inputs.some(
      (input) =>
        input !== undefined &&
        ((input.repository === repository.root && namesOf(input).includes(branch)) || namesOf(input).includes(worktree)),
    )
}

/** Branches and worktrees: its own and those of its attempts and parts, begun or not. */
function namesOf({ branch, worktree, contest, feature }: TaskInput): readonly string[] {
  return [{ branch, worktree }, ...(contest?.attempts ?? []), ...Object.values(feature?.names ?? {})].flatMap((each) => [
    each.branch,
    each.worktree,
  ])
}

async function notesOf(place: Place): Promise<string[]> {
  const notes: string[] = []
  if (place.config.validate === undefined)
    notes.push('no validation is configured: finished tasks wait for your review instead of landing (orch config set validate "…")')
  if ((await place.repository.describe()).hasSubmodules)
    notes.push('the repository has submodules: they are not checked out in new worktrees unless your setup command does it')
  return notes
}
