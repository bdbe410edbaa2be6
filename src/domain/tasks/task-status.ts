import { assertNever } from '../../foundation/invariant.ts'
import { failureWords } from '../sessions/failure-words.ts'
import type { AgentQuestion, ModelFailure, PermissionRequest } from '../sessions/session-event.ts'
import { HUMAN } from '../board/message.ts'
import type { Stage } from './stage.ts'
import { featureWords, isStuck } from '../features/feature-status.ts'

/** In the order of urgency that people see them in. */
export const URGENCY = ['Needs you', 'Working', 'Review', 'Idle', 'Failed', 'Setting up', 'Queued', 'Merged', 'Archived'] as const
export type Status = (typeof URGENCY)[number]

/** `orch`: orch did it itself; the others name whose record says so. */
export type Source = 'hook' | 'protocol' | 'process' | 'git' | 'orch' | 'inferred'

export interface Derived {
  readonly status: Status
  readonly reason: string
  readonly next?: string
  /** Nothing more happens to the task until a person does something. */
  readonly isWaitingForHuman: boolean
  readonly source: Source
  readonly since: number
  readonly seenAt: number
}

/** What the session's record says of this moment; built from the session machine's facts. */
export interface SessionView {
  readonly activity:
    | { readonly kind: 'starting' }
    | { readonly kind: 'thinking' }
    | { readonly kind: 'tool'; readonly tool: string; readonly summary: string }
    | { readonly kind: 'retrying'; readonly cause: ModelFailure; readonly attempt: number }
    | { readonly kind: 'subagents'; readonly running: number }
    | { readonly kind: 'idle' }
    | { readonly kind: 'exited' }
  readonly asks: readonly Ask[]
  /** Undefined while the record holds no sign yet. */
  readonly since: number | undefined
  readonly seenAt: number | undefined
  readonly source: Source
}

/** `questions`: it wants answers, not leave. */
export type Ask = Pick<PermissionRequest, 'id' | 'tool' | 'summary' | 'questions'>

/** Statuses are derived, never stored by hand; the same facts always give the same answer. */
export function deriveStatus(name: string, stage: Stage, stageAt: number, session: SessionView | undefined): Derived {
  if (session !== undefined && (stage.kind === 'in-session' || stage.kind === 'idle'))
    return fromSession(name, session, stageAt, stage.kind === 'idle')
  if (session !== undefined && stage.kind === 'manual') return inTerminal(session, fromSession(name, session, stageAt, true), stage)
  return { ...fromStage(name, stage), isWaitingForHuman: isWaitingForHuman(stage), since: stageAt, seenAt: stageAt }
}

function isWaitingForHuman(stage: Stage): boolean {
  switch (stage.kind) {
    case 'waiting-for-needs':
      return stage.failed.length > 0
    case 'waiting-to-land':
      return stage.stopped !== undefined
    case 'feature':
      return isStuck(stage)
    case 'waiting':
      return stage.asks !== undefined || stage.for.some(({ to }) => to.includes(HUMAN))
    case 'manual':
    case 'paused':
    case 'blocked':
    case 'unfinished':
    case 'in-review':
    case 'at-gate':
    case 'landing-held':
    case 'failed':
      return true
    case 'waiting-for-seat':
    case 'setting-up':
    case 'in-session':
    case 'idle':
    case 'attached':
    case 'parked':
    case 'validating':
    case 'in-verification':
    case 'contest':
    case 'merged':
    case 'archived':
      return false
    default:
      return assertNever(stage)
  }
}

/** A person's own session: what it asks is answered in its terminal, and nobody starts it again or nudges it but they. */
function inTerminal(session: SessionView, derived: Derived, { command, again }: { command: string; again: string }): Derived {
  const { next: _theirs, ...seen } = derived
  switch (session.activity.kind) {
    case 'starting':
      return {
        ...seen,
        status: 'Idle',
        reason: 'waits for you to start it in a terminal',
        next: command,
        source: 'hook',
        isWaitingForHuman: true,
      }
    case 'idle':
      return session.asks.length > 0 ? seen : { ...seen, status: 'Idle', reason: 'waits in its terminal', isWaitingForHuman: true }
    case 'exited':
      return {
        ...seen,
        status: 'Idle',
        reason: 'the session in the terminal ended',
        next: again,
        source: 'hook',
        isWaitingForHuman: true,
      }
    case 'thinking':
    case 'tool':
    case 'retrying':
    case 'subagents':
      return seen
    default:
      return assertNever(session.activity)
  }
}

/** `isJudged`: orch has looked at what the ended turn left, and there was nothing to go on with. */
function fromSession(name: string, session: SessionView, stageAt: number, isJudged: boolean): Derived {
  const { since = stageAt, seenAt = stageAt, source, activity } = session
  const times = { since, seenAt, source, isWaitingForHuman: false }
  const [first] = session.asks
  if (first !== undefined) {
    return {
      ...times,
      isWaitingForHuman: true,
      ...askWords(first),
    }
  }
  switch (activity.kind) {
    case 'starting':
      return { ...times, status: 'Setting up', reason: 'the session is starting' }
    case 'thinking':
      return { ...times, status: 'Working', reason: 'waiting for the model' }
    case 'tool':
      return { ...times, status: 'Working', reason: `${activity.tool}: ${activity.summary}` }
    case 'retrying':
      return { ...times, status: 'Working', reason: `the model answered ${failureWords(activity.cause)}; retry ${activity.attempt}` }
    case 'subagents':
      return { ...times, status: 'Working', reason: `${activity.running} sub-agent${activity.running === 1 ? '' : 's'} running` }
    case 'idle':
      return isJudged ? { ...times, ...silent(name) } : { ...times, status: 'Working', reason: 'the turn ended; looking at what it left' }
    case 'exited':
      return { ...times, status: 'Working', reason: 'the agent process ended; it is being resumed', source: 'process' }
    default:
      return assertNever(activity)
  }
}

function askWords(ask: Ask): Pick<Derived, 'status' | 'reason' | 'next'> {
  const reason = ask.questions === undefined ? `asks to use ${ask.tool}: ${ask.summary}` : `asks: ${ask.summary}`
  return { status: 'Needs you', reason, next: answerCommands(ask.id, ask.questions) }
}

/** What to type: the beginning of the id is enough, and can be read. */
export function answerCommands(requestId: string, questions?: readonly AgentQuestion[]): string {
  const short = /^[0-9a-f]{8}(?=-)/.exec(requestId)?.[0] ?? requestId
  if (questions !== undefined) return `orch answer ${short}${' "…"'.repeat(questions.length)}`
  return `orch approve ${short}   or   orch deny ${short} "why"`
}

function silent(name: string): Omit<Derived, 'since' | 'seenAt' | 'isWaitingForHuman'> {
  return { status: 'Idle', reason: 'the turn ended without `orch done`', next: `orch send ${name} "…"`, source: 'protocol' }
}

function fromStage(name: string, stage: Stage): Omit<Derived, 'since' | 'seenAt' | 'isWaitingForHuman'> {
  switch (stage.kind) {
    case 'waiting-for-needs':
      return { status: 'Queued', ...waitWords(name, stage), source: 'orch' }
    case 'waiting-for-seat':
      return { status: 'Queued', reason: 'waits for a free session', source: 'orch' }
    case 'setting-up':
      return { status: 'Setting up', reason: stage.step, source: 'orch' }
    case 'in-session':
      return { status: 'Setting up', reason: 'the session is starting', source: 'orch' }
    case 'idle':
      return silent(name)
    case 'manual':
      return { status: 'Idle', reason: 'waits for you to start it in a terminal', next: stage.command, source: 'hook' }
    case 'attached':
      return {
        status: 'Working',
        reason: ['in your terminal', stage.client.terminal ?? ''].join(' ').trim(),
        next: `leave Claude Code there (/exit)   or   orch stop ${name}`,
        source: 'orch',
      }
    case 'parked':
      return { status: 'Idle', reason: stage.reason, next: `orch resume ${name} to try now`, source: 'protocol' }
    case 'paused':
      return {
        status: 'Idle',
        reason: stage.by === 'pause' ? 'paused by you' : 'stopped by you',
        next: `orch resume ${name}`,
        source: 'orch',
      }
    case 'blocked':
      return { status: 'Needs you', reason: stage.question, next: `orch send ${name} "…"`, source: 'protocol' }
    case 'unfinished':
      return { status: 'Needs you', reason: stage.reason, next: `orch send ${name} "…"   or   orch stop ${name}`, source: 'inferred' }
    case 'waiting':
      return { ...waitingWords(stage), source: 'protocol' }
    case 'validating':
      return { status: 'Working', reason: 'validating in the worktree', source: 'orch' }
    case 'in-verification':
      return { status: 'Working', reason: reviewWords(stage), source: 'orch' }
    case 'at-gate':
      return { status: 'Needs you', ...gateWords(stage), source: 'orch' }
    case 'contest':
      return { status: 'Working', reason: contestWords(stage), source: 'orch' }
    case 'feature':
      return featureWords(name, stage)
    case 'in-review':
      return { status: 'Review', reason: stage.reason, next: `orch merge ${name}`, source: 'orch' }
    case 'waiting-to-land':
      return stage.stopped === undefined
        ? { status: 'Review', reason: 'verified; waits to land', next: 'orch queue', source: 'orch' }
        : { status: 'Needs you', reason: `the queue stands still: ${stage.stopped}`, next: 'orch queue', source: 'orch' }
    case 'landing-held':
      return {
        status: 'Needs you',
        reason: `tested and ready; ${stage.checkout} has uncommitted changes (${stage.dirty.slice(0, 3).join(', ')})`,
        next: `commit or stash there, then orch merge ${name}`,
        source: 'git',
      }
    case 'merged':
      return { status: 'Merged', reason: `landed as ${stage.commit.slice(0, 10)}`, source: 'git' }
    case 'failed':
      return { status: 'Failed', reason: stage.reason, next: stage.next, source: stage.source ?? 'orch' }
    case 'archived':
      return { status: 'Archived', reason: stage.reason, source: 'orch' }
    default:
      return assertNever(stage)
  }
}

/** What the person is asked comes first. */
function waitingWords({ for: awaited, asks = [] }: Extract<Stage, { kind: 'waiting' }>): Pick<Derived, 'status' | 'reason' | 'next'> {
  const [ask] = asks
  if (ask !== undefined) return askWords(ask)
  const theirs = awaited.find(({ to }) => to.includes(HUMAN))
  const first = theirs ?? awaited[0]
  if (first === undefined) return { status: 'Idle', reason: 'waits for an answer' }
  const others = awaited.length > 1 ? ` (and ${awaited.length - 1} more)` : ''
  const reason =
    theirs === undefined ? `waits for ${first.to.map(lastName).join(', ')}: "${first.text}"${others}` : `${first.text}${others}`
  return { status: theirs === undefined ? 'Idle' : 'Needs you', reason, next: `orch answer ${first.message} "…"` }
}

/** A department within its feature, a task within its project. */
function lastName(party: string): string {
  return party.slice(party.lastIndexOf('.') + 1)
}

/** All that it asks is approved by one line; a no is said of one. */
function reviewWords({ by }: Extract<Stage, { kind: 'in-verification' }>): string {
  const [last = 'nobody', ...others] = by.toReversed()
  return others.length === 0 ? `${last} reviews it` : `${others.toReversed().join(', ')} and ${last} review it`
}

function gateWords({ asks }: Extract<Stage, { kind: 'at-gate' }>): { reason: string; next: string } {
  const ids = asks.map(({ id }) => id)
  return {
    reason: asks.map(({ gate, why }) => `${gate}: ${why}`).join('; '),
    next: `orch approve ${ids.join(' ')}   or   orch deny ${ids[0] ?? ''} "why"`,
  }
}

function contestWords({ working, ready, stuck }: Extract<Stage, { kind: 'contest' }>): string {
  const all = working + ready + stuck
  const parts = [`${working} working`, ...(ready > 0 ? [`${ready} finished`] : []), ...(stuck > 0 ? [`${stuck} stuck`] : [])]
  return `${all} attempt${all === 1 ? '' : 's'}: ${parts.join(', ')}`
}

/** A failed task hears its person; one that was given up is over, and only the backlog begins it anew. */
function waitWords(
  name: string,
  { needs, failed, abandoned = [] }: Extract<Stage, { kind: 'waiting-for-needs' }>,
): { reason: string; next?: string } {
  const broken = failed.filter((need) => !abandoned.includes(need))
  const project = name.slice(0, name.indexOf('.') + 1)
  const [first] = broken
  if (first !== undefined) return { reason: `needs ${broken.join(', ')}, which failed`, next: `orch resume ${project}${first}` }
  if (failed.length > 0) return { reason: `needs ${failed.join(', ')}, which was given up`, next: 'orch run' }
  return { reason: `needs ${needs.join(', ')}` }
}
