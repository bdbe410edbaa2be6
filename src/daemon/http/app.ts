import { Hono, type Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import * as v from 'valibot'
import { Failure } from '../../foundation/failure.ts'
import { withResolvers } from '../../foundation/with-resolvers.ts'
import {
  AnswerRequest,
  AttachRequest,
  CleanupRequest,
  DecideRequest,
  FeatureRequest,
  MergeRequest,
  QueueRequest,
  RadarRequest,
  ResumeRequest,
  RunRequest,
  SendRequest,
  SpawnRequest,
  StopRequest,
  TaskRequest,
  TestAllRequest,
  UndoRequest,
} from '../../protocol/requests.ts'
import type { DaemonStatus, TasksResponse } from '../../protocol/responses.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { attachTask } from '../attach/attach-task.ts'
import { decide } from '../person/decide.ts'
import { beginFeature } from '../features/begin-feature.ts'
import { cleanUpTasks } from '../requests/clean-up-tasks.ts'
import { awaitMerge, merge } from '../requests/merging/merge.ts'
import { awaitTestAll, testAll } from '../requests/merging/test-all.ts'
import { undo } from '../requests/merging/undo.ts'
import { awaitQueue, listFlaky, showQueue, steerQueue } from '../requests/merging/queue.ts'
import { sweepRadar } from '../requests/sweep-radar.ts'
import type { RequestParts } from '../requests/parts.ts'
import { readLog } from '../requests/read-log.ts'
import { runBacklog } from '../requests/run-backlog.ts'
import { spawnTask } from '../requests/spawn.ts'
import { answerRequest, pauseTask, resumeTask, sendWords, stopTask } from '../requests/steer-task.ts'
import type { EditGuard } from '../hooks/edit-guard.ts'
import { deniedAccess, deniedPlace, type Access, type AccessDenial } from '../../platform/loopback/access.ts'
import { errorResponse } from './error-response.ts'

export interface AppParts extends RequestParts {
  readonly access: () => Access
  /** Resolves when the fleet goes on; until then only the hooks of sessions that outlived the last daemon are answered. */
  readonly ready: Promise<void>
  readonly editGuard: Pick<EditGuard, 'rule'>
  readonly describe: () => DaemonStatus
  readonly stop: () => void
  readonly logError: (error: unknown) => void
}

/** So often a client that waits says how far it is. */
const PROGRESS_MS = 3_000
const QUEUE_WAIT_MS = 20_000
const LARGEST_BODY_BYTES = 16_000_000

/** The daemon's door: every request is checked for who sends it, parsed once, and answered by one function. */
export function makeApp(parts: AppParts): Hono {
  const app = new Hono()
  const limit = bodyLimit({
    maxSize: LARGEST_BODY_BYTES,
    onError: (context) => context.json({ error: { code: 'too-large', message: 'the request is too large', exitCode: 2 } }, 413),
  })
  app.all('/v1/hooks/:name', limit, (context) => hook(parts, context))
  app.use(async (context, next) => {
    const denial = deniedAccess(parts.access(), (name) => context.req.header(name))
    if (denial !== undefined) return denied(context, denial)
    await parts.ready
    await next()
    // Whoever asked for a change and then reads the files finds it there.
    if (context.req.method === 'POST') await parts.roster.writeNow()
    return undefined
  })
  app.use(limit)
  app.onError((error, context) => {
    if (!(error instanceof Failure)) parts.logError(error)
    const { status, body } = errorResponse(error)
    return context.json(body, status)
  })
  app.notFound((context) => context.json({ error: { code: 'unknown-path', message: 'no such path', exitCode: 1 } }, 404))

  app.get('/v1/daemon', (context) => context.json(parts.describe()))
  app.post('/v1/daemon/stop', (context: Context<{ Bindings: HttpBindings }>) => {
    context.env.outgoing.once('finish', parts.stop)
    return context.json({})
  })
  app.get('/v1/tasks', (context) => context.json(tasks(parts)))
  app.get('/v1/tasks/log', async (context) => {
    const name = context.req.query('name')
    return context.json(
      await readLog(parts, {
        cwd: context.req.query('cwd') ?? '/',
        name,
        record: context.req.query('record'),
        after: Number(context.req.query('after') ?? 0) || 0,
        tail: Number(context.req.query('tail') ?? 0) || 0,
      }),
    )
  })
  app.get('/v1/events', (context) => events(parts, context))
  app.post('/v1/run', async (context) => context.json(await runBacklog(parts, await body(context, RunRequest))))
  app.post('/v1/spawn', async (context) => context.json(await spawnTask(parts, await body(context, SpawnRequest))))
  app.post('/v1/feature', async (context) => context.json(await beginFeature(parts, await body(context, FeatureRequest))))
  app.post('/v1/send', async (context) => context.json(await sendWords(parts, await body(context, SendRequest))))
  app.post('/v1/attach', async (context) => context.json(await attachTask(parts, await body(context, AttachRequest))))
  app.post('/v1/pause', async (context) => context.json(await pauseTask(parts, await body(context, TaskRequest))))
  app.post('/v1/stop', async (context) => context.json(await stopTask(parts, await body(context, StopRequest))))
  app.post('/v1/resume', async (context) => context.json(await resumeTask(parts, await body(context, ResumeRequest))))
  app.post('/v1/answer', async (context) => context.json(await answerRequest(parts, await body(context, AnswerRequest))))
  app.post('/v1/decide', async (context) => context.json(await decide(parts, await body(context, DecideRequest))))
  app.post('/v1/merge', async (context) => context.json(await merge(parts, await body(context, MergeRequest))))
  app.get('/v1/merge/:id', async (context) =>
    context.json(await awaitMerge(parts, context.req.param('id'), context.req.query('wait') === undefined ? 0 : PROGRESS_MS)),
  )
  app.post('/v1/test-all', async (context) => context.json(await testAll(parts, await body(context, TestAllRequest))))
  app.get('/v1/test-all/:id', async (context) =>
    context.json(await awaitTestAll(parts, context.req.param('id'), context.req.query('wait') === undefined ? 0 : PROGRESS_MS)),
  )
  app.post('/v1/undo', async (context) => context.json(await undo(parts, await body(context, UndoRequest))))
  app.get('/v1/queue', async (context) => {
    const [cwd, version] = [context.req.query('cwd') ?? '/', context.req.query('wait')]
    return context.json(await (version === undefined ? showQueue(parts, cwd) : awaitQueue(parts, cwd, Number(version) || 0, QUEUE_WAIT_MS)))
  })
  app.get('/v1/queue/flaky', async (context) => context.json(await listFlaky(parts, context.req.query('cwd') ?? '/')))
  app.post('/v1/queue', async (context) => context.json(await steerQueue(parts, await body(context, QueueRequest))))
  app.post('/v1/radar', async (context) => context.json(await sweepRadar(parts, await body(context, RadarRequest))))
  app.post('/v1/cleanup', async (context) => context.json(await cleanUpTasks(parts, await body(context, CleanupRequest))))
  return app
}

function denied(context: Context, code: AccessDenial): Response {
  return context.json({ error: { code, message: 'access denied', exitCode: 1 } }, 403)
}

/** From an agent, which knows no token: its address is its secret, so a wrong one learns nothing, not even that there is such a path. */
async function hook({ access, editGuard }: AppParts, context: Context): Promise<Response> {
  const denial = deniedPlace(access(), (name) => context.req.header(name))
  if (denial !== undefined) return denied(context, denial)
  const json: unknown = await context.req.json().catch(() => undefined)
  const answer = context.req.method === 'POST' ? await editGuard.rule(context.req.param('name') ?? '', json) : undefined
  return answer === undefined ? context.body(null, 404) : context.json(answer)
}

function tasks(parts: RequestParts): TasksResponse {
  return { schema: 1, at: new Date(parts.clock.now()).toISOString(), tasks: parts.roster.statuses() }
}

async function body<S extends v.GenericSchema>(context: Context, schema: S): Promise<v.InferOutput<S>> {
  const json: unknown = await context.req.json().catch(() => undefined)
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return parsed.output
  throw new Failure('bad-request', `the request is not understood: ${parsed.issues[0].message}`, {
    next: 'orch daemon stop, then try again: client and daemon may differ in version',
  })
}

/** First everything, then what changes, until the client goes. One that reads slowly gets each task's newest status, not all that it missed. */
function events(parts: AppParts, context: Context): Response {
  return streamSSE(context, async (stream) => {
    const changed = new Map<string, TaskStatus>()
    let news = withResolvers()
    const forget = parts.roster.onChange((status) => {
      changed.set(status.handle, status)
      news.resolve()
    })
    stream.onAbort(() => news.resolve())
    await parts.roster.written()
    await stream.writeSSE({ event: 'hello', data: JSON.stringify(tasks(parts)) })
    while (!stream.aborted) {
      await news.promise
      news = withResolvers()
      await parts.roster.written()
      for (const [handle, status] of changed) {
        changed.delete(handle)
        await stream.writeSSE({ event: 'task', data: JSON.stringify(status) })
      }
    }
    forget()
  })
}
