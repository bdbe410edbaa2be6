import { assertNever } from '../../foundation/invariant.ts'
import { emptyLedger, recordMessage, recordTotal } from './cost-ledger.ts'
import type { SessionEvent, TurnOutcome } from './session-event.ts'
import type { RunningTool, SessionFacts, Turn } from './session-facts.ts'
import { derivePhase } from './session-phase.ts'

/** Total: no order of events makes it throw, and the same events give the same facts. */
export function evolve(facts: SessionFacts, event: SessionEvent): SessionFacts {
  const next = { ...apply(facts, event), ...(event.type === 'exited' ? {} : { lastOutputAt: later(facts.lastOutputAt, event.at) }) }
  return { ...next, phase: derivePhase(next) }
}

export function initialFacts(): SessionFacts {
  return {
    phase: { kind: 'starting' },
    startedAt: undefined,
    agentVersion: undefined,
    model: undefined,
    turn: { kind: 'none' },
    lastOutcome: undefined,
    received: new Set(),
    asked: new Map(),
    answered: new Set(),
    tools: new Map(),
    subagents: 0,
    retrying: undefined,
    limitedUntil: undefined,
    ledger: emptyLedger,
    lastOutputAt: undefined,
    exit: undefined,
  }
}

/**
 * Really idle: the last turn is over, no subagent works on, and every message that was handed over was read.
 * A turn's end alone is none of these: background subagents start another turn when they finish, and so does a waiting message.
 */
export function isSettled(facts: SessionFacts, sentMessageIds: Iterable<string>): boolean {
  if (facts.phase.kind !== 'idle') return false
  for (const id of sentMessageIds) if (!facts.received.has(id)) return false
  return true
}

function apply(facts: SessionFacts, event: SessionEvent): SessionFacts {
  switch (event.type) {
    case 'started':
      return {
        ...(event.isAgain ? reopened(facts, event.at) : facts),
        startedAt: facts.startedAt ?? event.at,
        agentVersion: event.agentVersion ?? facts.agentVersion,
        model: event.model ?? facts.model,
      }
    case 'turn-started':
      return { ...facts, turn: startTurn(facts.turn, event.at), retrying: undefined, limitedUntil: undefined }
    case 'message-received':
      return facts.received.has(event.messageId) ? facts : { ...facts, received: new Set(facts.received).add(event.messageId) }
    case 'text':
      return { ...facts, retrying: undefined }
    case 'tool-started':
    case 'tool-ended':
      return { ...facts, tools: changeTools(facts.tools, event), retrying: undefined }
    case 'subagents':
      return { ...facts, subagents: Math.max(0, event.running), turn: touchTurn(facts.turn, facts.subagents, event) }
    case 'permission-asked':
      return { ...facts, asked: new Map(facts.asked).set(event.request.id, event.request) }
    case 'permission-answered':
      return { ...facts, answered: new Set(facts.answered).add(event.requestId) }
    case 'usage':
      return { ...facts, ledger: recordMessage(facts.ledger, event.messageId, event), retrying: undefined }
    case 'usage-total':
      return { ...facts, ledger: recordTotal(facts.ledger, event.model, event.usage) }
    case 'retrying':
      return { ...facts, retrying: { cause: event.cause, attempt: event.attempt, until: event.at + event.delayMs } }
    case 'limit':
      return { ...facts, limitedUntil: event.resetsAt }
    case 'turn-ended':
      return endTurn(facts, event.at, event.outcome)
    case 'alive':
      return facts
    case 'exited':
      return { ...facts, exit: facts.exit ?? { at: event.at, exit: event.exit } }
    default:
      return assertNever(event)
  }
}

/** A turn that the end cut off is over. */
function reopened(facts: SessionFacts, at: number): SessionFacts {
  const turn: Turn = facts.turn.kind === 'running' ? { kind: 'over', at } : facts.turn
  return { ...facts, exit: undefined, turn, tools: new Map(), subagents: 0, retrying: undefined }
}

// Some agents announce a running turn again (a steering message); it began when it began.
function startTurn(turn: Turn, at: number): Turn {
  return turn.kind === 'running' ? turn : { kind: 'running', since: at }
}

// With the last subagent's end the waiting begins anew: idle is counted from there.
function touchTurn(turn: Turn, before: number, event: { running: number; at: number }): Turn {
  return turn.kind === 'over' && before > 0 && event.running <= 0 ? { kind: 'over', at: Math.max(turn.at, event.at) } : turn
}

type ToolEvent = Extract<SessionEvent, { type: 'tool-started' | 'tool-ended' }>

function changeTools(tools: SessionFacts['tools'], event: ToolEvent): SessionFacts['tools'] {
  const changed = new Map(tools)
  if (event.type === 'tool-ended') changed.delete(event.toolUseId)
  else changed.set(event.toolUseId, { tool: event.tool, summary: event.summary, since: event.at })
  return changed
}

function endTurn(facts: SessionFacts, at: number, outcome: TurnOutcome): SessionFacts {
  const limitedUntil = outcome.kind === 'usage-limit' ? (outcome.resetsAt ?? facts.limitedUntil) : undefined
  // A subagent's tools run on after the main turn's end; without subagents nothing does.
  const tools = facts.subagents > 0 ? facts.tools : new Map<string, RunningTool>()
  return { ...facts, turn: { kind: 'over', at }, lastOutcome: { at, outcome }, tools, retrying: undefined, limitedUntil }
}

function later(a: number | undefined, b: number): number {
  return a === undefined ? b : Math.max(a, b)
}
