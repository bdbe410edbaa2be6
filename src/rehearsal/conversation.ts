import type { IncomingHttpHeaders } from 'node:http'
import { findPosition, readSummaryMark, textOf, toSummaryMark, type Position } from './position.ts'
import { fillIn, type Match, type Reply } from './reply-plan.ts'
import type { ApiRequest } from './api/request-check.ts'
import type { Script } from './script/script.ts'

/** Who asks, and what the script says to it. */
export interface Conversation {
  /** 'session' is the agent itself; the others are requests that Claude Code makes beside it, answered without the script. */
  readonly role: 'session' | 'subagent' | 'helper' | 'compaction'
  /** The agent's conversation id, or '' for a client that has none. */
  readonly session: string
  readonly task: string | undefined
  readonly reviewer: string | undefined
  readonly entry: number
  readonly position: Position
  readonly reply: Reply
}

/** Which entry of the script a session has: the number in `sessions:` from 1, or 0 for the fallback. */
export interface Membership {
  readonly entry: number
  /** Of a reviewing session the task whose work it judges. */
  readonly task: string | undefined
  readonly reviewer?: string | undefined
}

const nothing: Omit<Reply, 'texts'> = { calls: [], delayMs: 0, obstacles: [], usage: {} }

/**
 * Reads a request against the script. Pure: the same request gets the same answer from any server. `remembered` is asked
 * only for a summary's request, which 2.1.329 sends without the conversation's beginning; the summary then carries the answer.
 */
export function readConversation(
  script: Script,
  request: ApiRequest,
  headers: IncomingHttpHeaders,
  remembered?: (session: string) => Membership | undefined,
): Conversation {
  const session = sessionId(request, headers)
  const compacting = asksForSummary(request)
  const member = (compacting ? remembered?.(session) : undefined) ?? findMembership(script, request)
  const { task, entry, reviewer } = member
  const fallback = reviewer === undefined ? script.fallback : script.approval
  const plan = script.sessions[entry - 1] ?? { match: {}, replies: fallback, turns: [] }
  const position = findPosition(plan, request.messages)
  const base = { session, task, reviewer, entry, position }
  const aside = (role: Conversation['role'], text: string): Conversation => ({ ...base, role, reply: { ...nothing, texts: [text] } })
  if (compacting) return aside('compaction', summary(task, toSummaryMark(entry, position, request.messages)))
  if (request.tools.length === 0 && request.system !== '')
    return aside('helper', request.wantsJson ? JSON.stringify({ title: 'Rehearsal' }) : 'Rehearsal')
  const subagent = headers['x-claude-code-agent-id'] !== undefined
  // A subagent's prompt may quote the task's marker; only an entry that asks for its words is meant for it.
  if (subagent && plan.match.prompt === undefined) return aside('subagent', 'The rehearsed subagent has nothing to report.')
  const replies = position.turn === 0 ? plan.replies : (plan.turns[position.turn - 1]?.replies ?? [])
  const reply = replies[position.step] ?? { ...nothing, texts: ['Nothing is left to do.'] }
  return {
    ...base,
    role: subagent ? 'subagent' : 'session',
    reply: fillIn(reply, { task: task ?? 'session', message: lastMessage(request, plan.turns[position.turn - 1]?.when) }),
  }
}

function asksForSummary(request: ApiRequest): boolean {
  const last = request.messages.findLast((message) => message.role === 'user')
  return last !== undefined && /Your task is to create a detailed summary of /.test(textOf(last))
}

function findMembership(script: Script, request: ApiRequest): Membership {
  const opening = openingTexts(request)
  const review = findReview(opening)
  const task = review?.of ?? findTask(opening)
  const reviewer = review?.by
  const noted = opening.map(readSummaryMark).findLast((mark) => mark !== undefined)
  if (noted !== undefined && noted.entry <= script.sessions.length) return { task, reviewer, entry: noted.entry }
  // Only what stood there at the beginning: a later message must not move the conversation to another entry.
  const text = [request.system, ...opening].join('\n')
  const fits = script.sessions.findIndex(
    ({ match }) => fitsWho(match, task, reviewer) && (match.prompt === undefined || text.includes(match.prompt)),
  )
  return { task, reviewer, entry: fits + 1 }
}

/** Who reviews a task's work is not the session of that task. */
function fitsWho({ task: wanted, review, by }: Match, task: string | undefined, reviewer: string | undefined): boolean {
  if (review === undefined) return wanted === undefined || (wanted === task && reviewer === undefined)
  return reviewer !== undefined && review === task && (by === undefined || by === reviewer)
}

function findReview(opening: readonly string[]): { of: string; by: string } | undefined {
  for (const text of opening) {
    const [, of, by] = /^\[orch review of ([\w.-]{1,100}) by ([\w-]{1,30})\]/m.exec(text) ?? []
    if (of !== undefined && by !== undefined) return { of, by }
  }
  return undefined
}

/**
 * Id of the newest message from the board that says these words: `[orch m12 question from backend] …`. One that comes in the middle of a turn is a
 * message of the system's.
 */
function lastMessage(request: ApiRequest, words = ''): string {
  const texts = request.messages.filter(({ role }) => role !== 'assistant').map(textOf)
  const told = texts.flatMap((text) => text.split(/^(?=\[orch m[1-9])/m)).filter((text) => text.includes(words))
  return told.flatMap((text) => /^\[orch (m[1-9]\d{0,8}) [a-z]/.exec(text)?.[1] ?? []).at(-1) ?? 'm0'
}

// Everything before the first answer: Claude Code puts reminders and context around the prompt.
function openingTexts(request: ApiRequest): string[] {
  const first = request.messages.findIndex((message) => message.role === 'assistant')
  const opening = first < 0 ? request.messages : request.messages.slice(0, first)
  return opening.flatMap((message) => message.content.flatMap((block) => (block.type === 'text' ? [block.text ?? ''] : [])))
}

// Our marker stands on a line's start; a project's own notes that Claude Code quotes in a reminder are asked last.
function findTask(opening: readonly string[]): string | undefined {
  const prompts = opening.filter((text) => !text.trimStart().startsWith('<system-reminder>'))
  for (const text of [...prompts, ...opening]) {
    const found = /\[orch task ([A-Za-z0-9][\w.-]{0,79})\]/.exec(text)
    if (found !== null) return found[1]
  }
  return undefined
}

function sessionId(request: ApiRequest, headers: IncomingHttpHeaders): string {
  const header = headers['x-claude-code-session-id']
  if (typeof header === 'string') return header
  const found =
    /"session_id"\s*:\s*"([^"]+)"/.exec(request.metadataUser ?? '') ?? /_session_([0-9a-f-]{36})/.exec(request.metadataUser ?? '')
  return found?.[1] ?? ''
}

function summary(task: string | undefined, mark: string): string {
  return `<summary>${task === undefined ? '' : `[orch task ${task}] `}${mark} The work so far went as planned.</summary>`
}
