import type { Clock } from '../../platform/clock.ts'
import type { Engine } from '../../ports/engine.ts'
import { NEWS } from '../../workflows/news.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'

const DISCARD_GRACE_MS = 3000

export interface DiscardParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly roster: Roster
}

/** The run is told and puts its things in order; one in the middle of a long step is cancelled, and the cleaning stops what it left. */
export async function discardTask({ engine, clock, roster }: DiscardParts, input: TaskInput, runId: string, reason: string): Promise<void> {
  if (engine.get(runId)?.endedAt !== undefined) return
  await engine.send(runId, NEWS, { kind: 'discard', reason }, `discard ${runId}`)
  const run = await engine.start('task', input, { id: runId })
  const enough = new AbortController()
  const ended = run.result().then(
    () => 'ended' as const,
    () => 'ended' as const,
  )
  const late = clock.wait(DISCARD_GRACE_MS, enough.signal).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  if ((await Promise.race([ended, late])) === 'late') {
    await engine.cancel(runId)
    roster.setStage(input, { kind: 'archived', reason }, clock.now())
  }
  enough.abort()
}
