import { Failure } from '../../../foundation/failure.ts'
import { plainLine } from '../../../foundation/text.ts'
import { lookUntil } from '../../../platform/clock.ts'
import type { FlakyResponse, QueueResponse } from '../../../protocol/queue.ts'
import type { QueueRequest } from '../../../protocol/requests.ts'
import { NEWS, type News } from '../../../workflows/news.ts'
import { queueResponse } from '../../queue/queue-view.ts'
import { findTask } from '../find-task.ts'
import type { RequestParts } from '../parts.ts'

export async function showQueue(parts: RequestParts, cwd: string): Promise<QueueResponse> {
  return response(parts, await projectOf(parts, cwd))
}

/** At the next change after this version, or after a while. */
export async function awaitQueue(parts: RequestParts, cwd: string, version: number, deadlineMs: number): Promise<QueueResponse> {
  const project = await projectOf(parts, cwd)
  const { clock, desk } = parts
  const changed = () => desk.changed()
  await lookUntil(
    { clock, ms: deadlineMs, changed },
    () => desk.version,
    (seen) => seen > version,
  )
  return response(parts, project)
}

export async function listFlaky(parts: RequestParts, cwd: string): Promise<FlakyResponse> {
  const tests = await parts.flakyTests.list(await projectOf(parts, cwd))
  return {
    schema: 1,
    tests: tests.map(({ firstAt, lastAt, ...test }) => ({
      ...test,
      firstAt: new Date(firstAt).toISOString(),
      lastAt: new Date(lastAt).toISOString(),
    })),
  }
}

export async function steerQueue(parts: RequestParts, request: QueueRequest): Promise<QueueResponse> {
  const project = await projectOf(parts, request.cwd)
  const isDryRun = request.isDryRun ?? false
  switch (request.action) {
    case 'pause':
    case 'resume':
      if (!isDryRun) await steerAll(parts, project, request.action)
      break
    case 'remove':
      await tellAll(parts, project, request, { kind: 'unqueue' })
      break
    case 'prioritise':
      await tellAll(parts, project, request, { kind: 'reprioritise', priority: request.priority ?? 0 })
      break
  }
  return response(parts, project)
}

async function steerAll(parts: RequestParts, project: string, action: 'pause' | 'resume'): Promise<void> {
  await parts.desk.setPaused(project, action === 'pause')
  if (action === 'resume') for (const lane of parts.desk.lanes(project)) parts.desk.restart(lane)
}

async function tellAll(parts: RequestParts, project: string, request: QueueRequest, news: News): Promise<void> {
  const runs: string[] = []
  for (const name of request.names ?? []) runs.push(await findRun(parts, project, request.cwd, name))
  if (request.isDryRun === true) return
  for (const run of runs) await parts.engine.send(run, NEWS, news, `queue ${parts.newId()}`)
}

/** Of what waits in the queue, or tested for a clean checkout. */
async function findRun(parts: RequestParts, project: string, cwd: string, name: string): Promise<string> {
  const { desk, roster } = parts
  const task = await findTask(parts, { cwd, name }).catch(() => undefined)
  const waiting = desk.find(name, project) ?? (task === undefined ? undefined : desk.find(task.input.handle, project))
  if (waiting !== undefined) return waiting.offer.run
  if (task !== undefined && roster.stage(task.input.handle)?.kind === 'landing-held') return task.runId
  const held = [...desk.heldRuns()].find(([, { offer }]) => offer.project === project && offer.entry.name === name)
  if (held !== undefined) return held[0]
  throw new Failure('not-in-queue', `${plainLine(name)} is not in the queue`, { next: 'orch queue' })
}

async function projectOf(parts: RequestParts, cwd: string): Promise<string> {
  return parts.projects.nameOf((await parts.git.open(cwd)).root)
}

function response(parts: RequestParts, project: string): QueueResponse {
  const { desk, queueRecord, clock } = parts
  const shown = { lanes: desk.lanes(project), held: heldOf(parts, project), version: desk.version }
  return queueResponse(project, shown, queueRecord, clock.now())
}

/** Of branches the desk knows it, of tasks their stage. */
function heldOf({ desk, roster }: RequestParts, project: string): QueueResponse['held'] {
  const branches = [...desk.heldRuns().values()].filter(({ offer }) => offer.project === project)
  const tasks = roster.records().flatMap(({ input }) => {
    const stage = roster.stage(input.handle)
    if (input.project !== project || stage?.kind !== 'landing-held') return []
    return [{ name: input.handle, target: input.target, checkout: stage.checkout, dirty: stage.dirty }]
  })
  return [...branches.map(({ offer, checkout, dirty }) => ({ name: offer.entry.name, target: offer.target, checkout, dirty })), ...tasks]
}
