import { Failure } from '../../foundation/failure.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { RequestParts } from '../requests/parts.ts'
import type { TaskRecord } from '../services/task-record.ts'

type Obstacle = { readonly reason: string; readonly next: string }

/** Failure `not-attachable`, with what to do instead. */
export function requireAttachable({ engine, roster, agentOf }: RequestParts, { runId, input }: TaskRecord): void {
  const { handle } = input
  const stage = roster.stage(handle)
  const hasEnded = engine.get(runId)?.endedAt !== undefined
  const obstacle =
    kindObstacle(input, handle, roster.status(handle)?.next) ??
    stageObstacle(stage, handle) ??
    (hasEnded ? { reason: 'its run has ended', next: `orch resume ${handle}, then orch attach ${handle}` } : undefined) ??
    (agentOf(input).lend === undefined ? noTerminal(handle) : undefined) ??
    (roster.status(handle)?.process === undefined ? NOT_BEGUN : undefined)
  if (obstacle === undefined) return
  throw new Failure('not-attachable', `${handle} cannot be opened in a terminal: ${obstacle.reason}`, {
    safe: 'nothing was changed',
    next: obstacle.next,
  })
}

function kindObstacle({ kind, contest, feature }: TaskRecord['input'], handle: string, next: string | undefined): Obstacle | undefined {
  if (kind === 'manual') return { reason: 'it is a session of your own', next: next ?? 'orch monitor' }
  if (contest !== undefined) return { reason: 'its attempts have the sessions', next: `orch attach ${handle}.1` }
  const [first] = feature?.departments ?? []
  if (feature !== undefined)
    return { reason: 'its departments have the sessions', next: `orch attach ${handle}.${first?.name ?? 'DEPARTMENT'}` }
  return undefined
}

function stageObstacle(stage: Stage | undefined, handle: string): Obstacle | undefined {
  switch (stage?.kind) {
    case 'merged':
    case 'archived':
    case 'landing-held':
      return { reason: 'it is over', next: `orch logs ${handle}, or orch spawn NAME "…" for more work` }
    case 'waiting-for-needs':
    case 'setting-up':
      return NOT_BEGUN
    case 'validating':
    case 'in-verification':
    case 'at-gate':
      return { reason: 'its work is being judged', next: `orch pause ${handle}, then orch attach ${handle}` }
    case 'waiting-to-land':
      return { reason: 'it waits in the queue', next: `orch queue remove ${handle}, then orch attach ${handle}` }
    default:
      return undefined
  }
}

const NOT_BEGUN: Obstacle = { reason: 'it has no session yet', next: 'orch monitor' }

function noTerminal(handle: string): Obstacle {
  return {
    reason: 'its agent is a command, which has no terminal of its own',
    next: `orch logs ${handle} -f   or   orch send ${handle} "…"`,
  }
}
