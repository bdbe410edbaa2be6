import { withResolvers } from '../../foundation/with-resolvers.ts'
import { lookUntil } from '../../platform/clock.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { RequestParts } from './parts.ts'

/** Resolves with the first stage of the task that fits, at once if it is there already; with the last seen one after the deadline. */
export async function awaitStage(
  parts: RequestParts,
  handle: string,
  fits: (stage: Stage) => boolean,
  deadlineMs: number,
): Promise<Stage | undefined> {
  const look = () => parts.roster.stage(handle)
  return lookAtTask(parts, handle, deadlineMs, look, (stage) => stage !== undefined && fits(stage))
}

/** `lookUntil`, with another look whenever the task's status has changed. */
export async function lookAtTask<T>(
  { roster, clock }: RequestParts,
  handle: string,
  ms: number,
  look: () => T | Promise<T>,
  isEnough: (seen: T) => boolean,
): Promise<T> {
  let next = withResolvers()
  const forget = roster.onChange((status) => status.handle === handle && next.resolve())
  const changed = () => (next = withResolvers()).promise
  try {
    return await lookUntil({ clock, ms, changed }, look, isEnough)
  } finally {
    forget()
  }
}
