import { createHash } from 'node:crypto'
import type { SessionPlan } from './reply-plan.ts'
import type { ApiMessage } from './api/request-check.ts'

/** Which reply comes next: `turn` 0 is the session's own list, n its n-th `turns:` entry. */
export interface Position {
  readonly turn: number
  readonly step: number
}

/** What a broken answer says before it breaks off: an agent may keep it in its history, and it must not count as an answer. */
export const brokenOff = 'This answer breaks off here'

/**
 * The next reply as a function of the conversation alone, so that the server may restart and an agent may be resumed.
 * Every answer counts one. A tool call's id carries its position, which sets the count right again where an agent dropped,
 * merged or invented messages (a killed 2.1.197 drops its unfinished call: the same step is then asked for again, as of a real model).
 * A compacted conversation has lost its messages; the summary that we wrote carries the position.
 */
export function findPosition(plan: SessionPlan, messages: readonly ApiMessage[]): Position {
  let main = 0
  let turn = 0
  let step = 0
  let kept = ''
  const go = (next: Position) => {
    ;({ turn, step } = next)
    const length = plan.turns[turn - 1]?.replies.length ?? 0
    if (turn > 0 && step >= length) ({ turn, step } = { turn: 0, step: main })
    if (turn === 0) main = step
  }
  messages.forEach((message, index) => {
    if (message.role === 'assistant') {
      const marked = message.content.flatMap((block) => readToolId(block.id) ?? []).at(-1)
      if (marked !== undefined) go({ turn: marked.turn, step: marked.step + 1 })
      else if (kept !== '' && kept === fingerprint(message)) kept = ''
      else if (!isInvented(message)) go({ turn, step: step + 1 })
      return
    }
    const text = textOf(message)
    const noted = readSummaryMark(text)
    if (noted !== undefined) {
      go({ turn: noted.turn, step: noted.step })
      kept = noted.kept
    }
    const asked = index === 0 ? -1 : plan.turns.findIndex((one) => text.includes(one.when))
    if (asked >= 0) go({ turn: asked + 1, step: 0 })
  })
  return { turn, step }
}

export function toToolId(position: Position, unique: string): string {
  return `toolu_01T${position.turn}S${position.step}x${unique}`
}

/**
 * The position as a summary carries it, with a fingerprint of the last answer: 2.1.329 keeps that answer after the summary
 * and had it counted before, 2.1.197 keeps it too but leaves it out of the request for the summary.
 */
export function toSummaryMark(entry: number, position: Position, messages: readonly ApiMessage[]): string {
  const last = messages.findLast((message) => message.role === 'assistant')
  return `[rehearsal ${entry}:${position.turn}.${position.step} ${last === undefined ? '' : fingerprint(last)}]`
}

/** `entry` is the number of the script's session that the conversation had before its summary; 0 is the fallback. */
export function readSummaryMark(text: string): (Position & { readonly entry: number; readonly kept: string }) | undefined {
  const found = [...text.matchAll(/\[rehearsal (\d{1,6}):(\d{1,6})\.(\d{1,6}) ([0-9a-f]*)\]/g)].at(-1)
  return found === undefined ? undefined : { entry: Number(found[1]), turn: Number(found[2]), step: Number(found[3]), kept: found[4] ?? '' }
}

function fingerprint(message: ApiMessage): string {
  return createHash('sha256').update(textOf(message).trim()).digest('hex').slice(0, 12)
}

export function textOf(message: ApiMessage): string {
  return message.content.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join('\n')
}

function readToolId(id: string | undefined): Position | undefined {
  const found = /^toolu_01T(\d+)S(\d+)x/.exec(id ?? '')
  return found === null ? undefined : { turn: Number(found[1]), step: Number(found[2]) }
}

// Claude Code writes some assistant messages itself: after an API error, and for a resumed turn that had no answer.
function isInvented(message: ApiMessage): boolean {
  const text = textOf(message).trim()
  return (
    text === 'No response requested.' ||
    text === '(no content)' ||
    text.startsWith(brokenOff) ||
    /^API Error\b/.test(text) ||
    message.content.length === 0
  )
}
