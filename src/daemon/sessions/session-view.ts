import { assertNever } from '../../foundation/invariant.ts'
import { openRequests } from '../../domain/sessions/session-phase.ts'
import type { SessionFacts, SessionPhase } from '../../domain/sessions/session-facts.ts'
import type { SessionView, Source } from '../../domain/tasks/task-status.ts'

/** The session's record in the words of the status line. */
export function sessionView(facts: SessionFacts, source: Source): SessionView {
  const seenAt = facts.exit?.at ?? facts.lastOutputAt ?? facts.startedAt
  return {
    activity: source === 'hook' ? inTerminal(facts) : activityOf(facts),
    asks: facts.exit === undefined ? openRequests(facts) : [],
    since: sinceOf(facts.phase) ?? seenAt,
    seenAt,
    source: facts.phase.kind === 'exited' && source === 'protocol' ? 'process' : source,
  }
}

/** A terminal that is open waits for its person; one that was closed before the first prompt left no conversation to go on with. */
function inTerminal(facts: SessionFacts): SessionView['activity'] {
  const { phase, turn, startedAt } = facts
  if (phase.kind === 'starting' && startedAt !== undefined) return { kind: 'idle' }
  return phase.kind === 'exited' && turn.kind === 'none' ? { kind: 'starting' } : activityOf(facts)
}

function activityOf(facts: SessionFacts): SessionView['activity'] {
  const { phase } = facts
  switch (phase.kind) {
    case 'starting':
      return { kind: 'starting' }
    case 'working':
      if (phase.tool !== undefined) return { kind: 'tool', tool: phase.tool.tool, summary: phase.tool.summary }
      return facts.subagents > 0 ? { kind: 'subagents', running: facts.subagents } : { kind: 'thinking' }
    case 'waiting-for-permission':
      return { kind: 'thinking' }
    case 'retrying':
      return { kind: 'retrying', cause: phase.cause, attempt: phase.attempt }
    case 'limited':
    case 'idle':
      return { kind: 'idle' }
    case 'exited':
      return { kind: 'exited' }
    default:
      return assertNever(phase)
  }
}

function sinceOf(phase: SessionPhase): number | undefined {
  switch (phase.kind) {
    case 'working':
    case 'waiting-for-permission':
    case 'idle':
      return phase.since
    case 'exited':
      return phase.at
    case 'starting':
    case 'retrying':
    case 'limited':
      return undefined
    default:
      return assertNever(phase)
  }
}
