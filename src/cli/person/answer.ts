import { randomUUID } from 'node:crypto'
import type { OutboxFile } from '../../domain/board/outbox-file.ts'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { AnswerRequest, DecideRequest } from '../../protocol/requests.ts'
import type { DecideResponse, TaskResponse } from '../../protocol/responses.ts'
import type { Command } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { ask, requireDaemon } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, text, type Invocation } from '../invocation.ts'
import { projectsOf } from '../tasks/projects-of.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { requestQuestion } from '../../protocol/urgency.ts'
import { loadPersonsFacts } from './inbox.ts'
import { keepAnswer } from './kept-answers.ts'
import { worktreeRoot } from '../worktree/worktree-root.ts'
import { refuseSessions } from './refuse-sessions.ts'
import { findTarget, namesTarget, type Target } from './targets.ts'
import { takesYesOrNo, type PersonsFacts } from '../../protocol/what-waits.ts'

/** What the person says, and to what. */
interface Word {
  readonly verb: 'approve' | 'deny' | 'answer'
  readonly target: Target
  /** One answer to each of a session's questions; else the first is all. */
  readonly texts: readonly string[]
}

const SAID = { approve: 'approved', deny: 'denied', answer: 'answered' } as const

export const approve = deciding('approve')
export const deny = deciding('deny')

/** Several at once: all of them are looked up before the first is answered. */
function deciding(verb: 'approve' | 'deny'): Command {
  return async (context, invocation) => {
    const facts = personsFacts(context)
    const { words } = invocation
    const because = text(invocation, 'because')
    const end = because === undefined ? words.findIndex((word, at) => at > 0 && !namesTarget(word, facts)) : -1
    const ids = [...new Set(end < 0 ? words : words.slice(0, end))]
    const reason = end < 0 ? (because ?? '') : words.slice(end).join(' ')
    const here = projectHere(context)
    return say(
      context,
      invocation,
      (ids.length === 0 ? [''] : ids).map((id) => ({ verb, target: findTarget(id, facts, here), texts: [reason] })),
    )
  }
}

/** `orch answer m12 "…"`; to a session's own questions one answer each. In a worktree: the word of whoever works there. */
export const answer: Command = async (context, invocation) => {
  if (worktreeRoot(context.cwd) !== undefined) return (await import('../worktree/say.ts')).answer(context, invocation)
  const facts = personsFacts(context)
  const [id = '', ...texts] = invocation.words
  const target = findTarget(id, facts, projectHere(context))
  if (texts.every((text) => text.trim() === '')) throw usageFailure('The answer is empty.', `orch answer ${plainLine(id)} "…"`)
  if (target.kind === 'message') return say(context, invocation, [{ verb: 'answer', target, texts: [chosen(target, texts.join(' '))] }])
  for (const [at, text] of texts.entries()) optionAt(text, target.request?.questions?.[at]?.options ?? [], target.id)
  return say(context, invocation, [{ verb: 'answer', target, texts }])
}

/** Among numbered options the number is enough. */
function chosen({ asked: { message } }: Extract<Target, { kind: 'message' }>, text: string): string {
  if (takesYesOrNo(message))
    throw usageFailure('It takes a yes or a no.', `orch approve ${message.id}   or   orch deny ${message.id} "why"`)
  return optionAt(text, message.options ?? [], message.id) ?? text
}

/** Undefined where it is said in words. */
function optionAt<T>(text: string, options: readonly T[], id: string): T | undefined {
  if (options.length === 0 || !/^\d+$/.test(text)) return undefined
  const option = options[Number(text) - 1]
  if (option === undefined)
    throw usageFailure(
      `${plainLine(id)} has the options 1 to ${options.length}, and no ${text}.`,
      `orch answer ${plainLine(id)} 1   or   in words`,
    )
  return option
}

function personsFacts(context: Context): PersonsFacts {
  refuseSessions(context)
  return loadPersonsFacts(context)
}

function projectHere({ cwd, home }: Context): string | undefined {
  const repository = repositoryOf(cwd)
  return repository === undefined ? undefined : projectsOf(home, repository)[0]
}

async function say(context: Context, invocation: Invocation, words: readonly Word[]): Promise<number> {
  const isDryRun = flag(invocation, 'dryRun')
  const known = isDryRun ? words.filter(({ target }) => target.kind === 'message' || target.request !== undefined) : words
  if (known.length === 0) {
    context.output.answer(`no open request is called ${words.map(({ target }) => plainLine(idOf(target))).join(' ')}`)
    return EXIT.failed
  }
  const isUp = isDryRun || (await isDaemonUp(context))
  const done: Done[] = []
  for (const word of known) {
    const outcome = isDryRun ? dry(word) : isUp ? await tell(context, word) : await keep(context, word)
    done.push(outcome)
    if (!flag(invocation, 'json')) context.output.answer(outcome.line)
  }
  if (flag(invocation, 'json')) context.output.json(asJson(done, isDryRun))
  else if (!isUp) context.output.note('No daemon could be started: kept, and taken when one starts (`orch daemon start`).')
  return EXIT.done
}

/** What became of one word. */
interface Done {
  readonly line: string
  readonly facts: Readonly<Record<string, unknown>>
  /** Of a request: as the daemon says it. */
  readonly task?: TaskResponse['task']
}

function asJson(done: readonly Done[], isDryRun: boolean): Record<string, unknown> {
  const [only, another] = done
  const task = another === undefined ? only?.task : undefined
  return { schema: 1, answers: done.map(({ facts }) => facts), ...(task !== undefined && { task }), isDryRun }
}

/** What cannot be started now is no reason to lose the answer. */
async function isDaemonUp(context: Context): Promise<boolean> {
  try {
    await requireDaemon(context)
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return false
  }
}

function dry(word: Word): Done {
  const { target, verb } = word
  if (target.kind === 'message') return { line: `${whoOf(target)}: ${target.asked.id} would be ${SAID[verb]}`, facts: factsOf(word) }
  const question = target.request === undefined ? target.id : requestQuestion(target.request)
  return { line: `${whoOf(target)}: ${question} would be ${SAID[verb]}`, facts: factsOf(word), ...(target.task && { task: target.task }) }
}

async function tell(context: Context, word: Word): Promise<Done> {
  if (word.target.kind === 'message') {
    const body: DecideRequest = { ...decisionOf(word, word.target), id: randomUUID() }
    const { answer: id } = await ask<DecideResponse>(context, { method: 'POST', path: '/v1/decide', body, isRepeatable: true }, 'answering')
    return { line: lineOf(word), facts: { ...factsOf(word), answer: id } }
  }
  const body: AnswerRequest = { requestId: word.target.id, decision: leaveOf(word) }
  const { task } = await ask<TaskResponse>(context, { method: 'POST', path: '/v1/answer', body }, 'answering')
  rememberTask(context, task.handle)
  return { line: `${plainLine(task.handle)}: ${SAID[word.verb]}.`, facts: { ...factsOf(word), who: task.handle }, task }
}

async function keep(context: Context, word: Word): Promise<Done> {
  await keepAnswer(context.home, keptWords(word), new Date(context.now()))
  return { line: `${lineOf(word).slice(0, -1)}; kept for the daemon.`, facts: { ...factsOf(word), isKept: true } }
}

function keptWords(word: Word): OutboxFile {
  const { target, verb, texts } = word
  if (target.kind === 'message') {
    const { project, message, decision, text } = decisionOf(word, target)
    return { kind: 'answer', project, inReplyTo: message, ...(decision !== undefined && { decision }), text }
  }
  const project = target.task?.project
  const facts = { kind: 'answer', request: target.id, ...(project !== undefined && { project }) } as const
  return verb === 'answer' ? { ...facts, answers: texts, text: texts.join('\n') } : { ...facts, decision: verb, text: texts[0] ?? '' }
}

function decisionOf({ verb, texts }: Word, { asked: { message } }: Extract<Target, { kind: 'message' }>): Omit<DecideRequest, 'id'> {
  const facts = { project: message.project, message: message.id, text: texts[0] ?? '' }
  return verb === 'answer' ? facts : { ...facts, decision: verb }
}

function leaveOf({ verb, texts }: Word): AnswerRequest['decision'] {
  if (verb === 'approve') return { kind: 'allow' }
  return verb === 'deny' ? { kind: 'deny', reason: texts[0] || 'denied by the person' } : { kind: 'answer', answers: texts }
}

function factsOf({ target, verb, texts }: Word): Record<string, unknown> {
  const project = target.kind === 'message' ? target.asked.message.project : target.task?.project
  return { id: idOf(target), ...(project !== undefined && { project }), who: whoOf(target), said: SAID[verb], text: texts.join('\n') }
}

function lineOf({ target, verb }: Word): string {
  const what = target.kind === 'message' ? `${target.asked.id} ` : ''
  return `${whoOf(target)}: ${what}${SAID[verb]}.`
}

function idOf(target: Target): string {
  return target.kind === 'message' ? target.asked.id : target.id
}

function whoOf(target: Target): string {
  return plainLine(target.kind === 'message' ? target.asked.message.from : (target.task?.handle ?? target.id))
}
