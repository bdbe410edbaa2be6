import type { PermissionRequest } from './session-event.ts'
import type { SessionFacts, SessionPhase } from './session-facts.ts'

/** What ends everything comes first, then what needs a person, then what blocks, then what runs. */
export function derivePhase(facts: Omit<SessionFacts, 'phase'>): SessionPhase {
  if (facts.exit !== undefined) return { kind: 'exited', ...facts.exit }
  const requests = openRequests(facts)
  const [first] = requests
  if (first !== undefined) return { kind: 'waiting-for-permission', since: first.at, requests }
  if (isLimited(facts)) return { kind: 'limited', resetsAt: facts.limitedUntil }
  if (facts.retrying !== undefined && facts.turn.kind !== 'over') return { kind: 'retrying', ...facts.retrying }
  return deriveActivity(facts)
}

/** Asked and not yet answered, the oldest first. */
export function openRequests(facts: Pick<SessionFacts, 'asked' | 'answered'>): readonly PermissionRequest[] {
  return [...facts.asked.values()].filter((request) => !facts.answered.has(request.id))
}

function isLimited(facts: Omit<SessionFacts, 'phase'>): boolean {
  if (facts.turn.kind === 'running') return facts.limitedUntil !== undefined
  return facts.turn.kind === 'over' && facts.lastOutcome?.outcome.kind === 'usage-limit'
}

function deriveActivity({ turn, subagents, tools }: Omit<SessionFacts, 'phase'>): SessionPhase {
  const tool = [...tools.values()].at(-1)
  if (turn.kind === 'running') return { kind: 'working', since: turn.since, tool }
  if (subagents > 0) return { kind: 'working', since: turn.kind === 'over' ? turn.at : (tool?.since ?? 0), tool }
  if (turn.kind === 'over') return { kind: 'idle', since: turn.at }
  return { kind: 'starting' }
}
