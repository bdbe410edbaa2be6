import { plainLine } from '../../foundation/text.ts'
import { Failure } from '../../foundation/failure.ts'
import type { AnswerRequest, ResumeRequest, SendRequest, StopRequest, TaskRequest } from '../../protocol/requests.ts'
import { chosenAnswers } from '../../domain/sessions/chosen-answers.ts'
import type { PermissionDecision } from '../../domain/sessions/session-event.ts'
import { parkedAsks, type Stage } from '../../domain/tasks/stage.ts'
import { answerCommands } from '../../domain/tasks/task-status.ts'
import type { TaskResponse } from '../../protocol/responses.ts'
import type { TaskRequestShown, TaskStatus } from '../../protocol/task-status.ts'
import { NEWS, type News } from '../../workflows/news.ts'
import { ambiguousRequest } from '../sessions/live-session.ts'
import type { TaskRecord } from '../services/task-record.ts'
import { awaitStage, lookAtTask } from './await-stage.ts'
import { leaveInInbox } from '../exchange/exchange-folder.ts'
import { innerRecords } from '../attempts/contest-records.ts'
import { findTask } from './find-task.ts'
import { openPlace } from './open-place.ts'
import type { RequestParts } from './parts.ts'
import { restartTask } from './start-task.ts'

/** `orch send`: the words reach the session once, now or when it next lives. */
export async function sendWords(parts: RequestParts, request: SendRequest): Promise<TaskResponse> {
  const record = await findTask(parts, request)
  const id = request.id ?? parts.newId()
  if (record.input.kind === 'manual') return leaveForPerson(parts, record, request, id)
  const message = { kind: 'message', id, text: request.text, when: request.when ?? 'steer' } as const
  const response = await tellTask(parts, record, request, message, `message ${id}`)
  const isInTerminal = parts.roster.stage(record.input.handle)?.kind === 'attached'
  return isInTerminal ? { ...response, note: 'You have it in a terminal: it hears this when you give it back.' } : response
}

/** Nobody but its person talks to a session in a terminal, so the words lie where `orch inbox` finds them. */
async function leaveForPerson(parts: RequestParts, { input }: TaskRecord, request: SendRequest, id: string): Promise<TaskResponse> {
  const task = requireOpen(parts, input.handle)
  if (task.worktree === undefined)
    throw new Failure('no-worktree', `${input.handle} has no worktree yet`, {
      safe: 'nothing was sent',
      next: `orch resume ${input.handle}`,
    })
  if (request.isDryRun) return { task, isDryRun: true }
  await leaveInInbox(input.worktree, { id, at: parts.clock.now(), text: request.text })
  return { task, note: '`orch inbox` in its worktree shows it.', isDryRun: false }
}

/** `orch pause`. */
export async function pauseTask(parts: RequestParts, request: TaskRequest): Promise<TaskResponse> {
  return halt(parts, await findTask(parts, request), request, 'pause')
}

/** A session gets seconds to end by itself, and its wrapper after it. */
const STOPPED_WITHIN_MS = 30_000
const OVER: ReadonlySet<Stage['kind']> = new Set(['merged', 'archived'])

/** `orch stop`: answers when no process of the task runs any more, or says that one still does. */
export async function stopTask(parts: RequestParts, request: StopRequest): Promise<TaskResponse> {
  const record = await findTask(parts, request)
  const { handle, kind } = record.input
  const before = parts.roster.stage(handle)
  // Only a stage that is told after the word was kept is an answer to it, and the run tells it when the process has ended.
  const isStopped = (stage: Stage): boolean =>
    stage !== before && ((stage.kind === 'paused' && stage.by === 'stop') || OVER.has(stage.kind))
  const response = await halt(parts, record, request, 'stop')
  if (response.isDryRun) return response
  const stage = request.isDetached === true ? undefined : await awaitStage(parts, handle, isStopped, STOPPED_WITHIN_MS)
  const task = parts.roster.status(handle) ?? response.task
  if (stage === undefined || !isStopped(stage)) return { ...response, task, isPending: true }
  return { ...response, task, note: kind === 'manual' ? 'Your own terminal is left alone.' : 'No process of it runs any more.' }
}

/** A command of the user's and a review that run for the task are ended after the word is kept: its run then finds it. */
async function halt(parts: RequestParts, record: TaskRecord, request: TaskRequest, kind: 'pause' | 'stop'): Promise<TaskResponse> {
  const response = await tellTask(parts, record, request, { kind }, parts.newId())
  if (response.isDryRun) return response
  for (const { input } of [record, ...innerRecords(parts.roster, record)]) {
    parts.commands.stop(input.handle)
    await parts.reviews.stop(input.handle)
  }
  return response
}

/** `orch resume`: with the login of the caller's shell, and the model that is configured now if the last one was refused. */
export async function resumeTask(parts: RequestParts, request: ResumeRequest): Promise<TaskResponse> {
  const record = await findTask(parts, request)
  const environment = request.environment === undefined || request.isDryRun ? undefined : await parts.environments.keep(request.environment)
  const isModelRefused = failedWith(parts, record.input.handle) === 'model-not-found'
  const model = isModelRefused ? (await openPlace(parts, record.input.repository, request.environment)).config.model : undefined
  return tellTask(parts, record, request, resumption(environment, model), parts.newId())
}

/** With what the session is to go on, where it is to be another login or model than before. */
export function resumption(environment: string | undefined, model: string | undefined): News {
  return { kind: 'resume', ...(environment !== undefined && { environment }), ...(model !== undefined && { model }) }
}

export function failedWith(parts: RequestParts, handle: string): string | undefined {
  const stage = parts.roster.stage(handle)
  return stage?.kind === 'failed' ? stage.code : undefined
}

/** `orch approve | deny | answer`: the waiting tool call gets its answer; one whose process was ended meanwhile, when it is resumed. */
export async function answerRequest(parts: RequestParts, request: AnswerRequest): Promise<TaskResponse> {
  const { requestId } = request
  const asked = parts.roster.statuses().flatMap((status) => status.requests.filter(({ id }) => id === requestId))[0]
  const decision: PermissionDecision = asked === undefined ? request.decision : decisionOn(asked, request.decision)
  const handle =
    (await tellParked(parts, requestId, decision)) ??
    (await parts.sessions.answer(requestId, decision)) ??
    (await answerOnceRead(parts, { requestId, decision }))
  const task = handle === undefined ? undefined : parts.roster.status(handle)
  if (task !== undefined) {
    await parts.answered.note(requestId, decision, parts.clock.now())
    return { task, isDryRun: false }
  }
  const earlier = await parts.answered.find(requestId)
  if (earlier !== undefined) {
    const { id, at, said } = earlier
    throw new Failure('already-answered', `${plainLine(id)} was answered already, at ${new Date(at).toISOString()}: ${plainLine(said)}`, {
      safe: 'that stands, and nothing more was said',
      next: 'to add something: orch send',
    })
  }
  throw new Failure('unknown-request', `nothing waits for an answer under "${requestId}"`, {
    safe: 'no tool was allowed or denied',
    next: 'orch inbox shows what waits',
  })
}

function decisionOn({ id, questions }: TaskRequestShown, decision: PermissionDecision): PermissionDecision {
  const refuse = (code: string, message: string): Failure =>
    new Failure(code, message, { safe: 'nothing was answered', next: answerCommands(id, questions) })
  if (decision.kind === 'allow' && questions !== undefined) throw refuse('answer-needed', 'it asks for an answer, not for leave')
  if (decision.kind !== 'answer') return decision
  if (questions === undefined) throw refuse('no-question', 'it asks for leave, not for an answer')
  if (questions.length !== decision.answers.length)
    throw refuse('answers-missing', `it asks ${questions.length} questions, and ${decision.answers.length} answers were given`)
  return { kind: 'answer', answers: chosenAnswers(questions, decision.answers) }
}

/** The run keeps the first word on it until the session lives again. */
async function tellParked(parts: RequestParts, requestId: string, decision: PermissionDecision): Promise<string | undefined> {
  const askers = parts.roster.records().flatMap(({ input: { handle }, runId }) => {
    const stage = parts.roster.stage(handle)
    const ask = stage && parkedAsks(stage).find(({ id }) => id === requestId)
    return ask === undefined ? [] : [{ handle, runId, at: ask.at }]
  })
  const [asker, ...others] = askers
  if (others.length > 0) throw ambiguousRequest(requestId, askers)
  if (asker !== undefined)
    await parts.engine.send(asker.runId, NEWS, { kind: 'leave-decided', request: requestId, decision }, `decided ${requestId} ${asker.at}`)
  return asker?.handle
}

const READ_WITHIN_MS = 10_000

/** A daemon that has just begun has not read yet in the session's record what it knows of it from its file. */
async function answerOnceRead(
  parts: RequestParts,
  { requestId, decision }: { requestId: string; decision: PermissionDecision },
): Promise<string | undefined> {
  const asker = parts.roster.statuses().find((status) => status.requests.some(({ id }) => id === requestId))
  const record = asker === undefined ? undefined : parts.roster.record(asker.handle)
  if (record === undefined) return undefined
  await parts.sessions.eventsOf(record.input)
  const look = () => parts.sessions.answer(requestId, decision)
  return lookAtTask(parts, record.input.handle, READ_WITHIN_MS, look, (handle) => handle !== undefined)
}

async function tellTask(
  parts: RequestParts,
  record: TaskRecord,
  request: { isDryRun?: boolean | undefined },
  news: News,
  key: string,
): Promise<TaskResponse> {
  const { handle } = record.input
  const task = requireOpen(parts, handle)
  if (news.kind === 'pause' || news.kind === 'resume') requireNoTerminal(parts, handle)
  if (request.isDryRun) return { task, isDryRun: true }
  if (parts.engine.get(record.runId)?.endedAt !== undefined) {
    if (news.kind !== 'resume')
      throw new Failure('run-ended', `${handle} cannot hear it: ${task.reason}`, {
        safe: 'nothing was sent; worktree and branch are kept',
        next: `orch resume ${handle}`,
      })
    await restartTask(parts, record)
    return { task: parts.roster.status(handle) ?? task, isDryRun: false }
  }
  await parts.engine.send(record.runId, NEWS, news, key)
  return { task: parts.roster.status(handle) ?? task, isDryRun: false }
}

function requireNoTerminal({ roster }: RequestParts, handle: string): void {
  if (roster.stage(handle)?.kind !== 'attached') return
  throw new Failure('attached', `you have ${handle} in a terminal`, {
    safe: 'nothing was changed',
    next: `leave Claude Code there (/exit): it goes on by itself; orch stop ${handle} ends it there`,
  })
}

function requireOpen(parts: RequestParts, handle: string): TaskStatus {
  const stage = parts.roster.stage(handle)
  const task = parts.roster.status(handle)
  if (task === undefined) throw new Failure('unknown-task', `there is no task ${handle}`, { next: 'orch list' })
  if (stage?.kind === 'merged' || stage?.kind === 'archived' || stage?.kind === 'landing-held') {
    throw new Failure('task-over', `${handle} is over: ${task.reason}`, {
      safe: 'nothing was sent',
      next: `orch spawn <name> "…" for more work`,
    })
  }
  return task
}
