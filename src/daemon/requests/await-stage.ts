import { withResolvers } from '../../foundation/with-resolvers.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { RequestParts } from './parts.ts'

/** Resolves with the first stage of the task that fits, at once if it is there already; with the last seen one after the deadline. */
export async function awaitStage(
  parts: RequestParts,
  handle: string,
  fits: (stage: Stage) => boolean,
  deadlineMs: number,
): Promise<Stage | undefined> {
  const found = withResolvers()
  const look = (): void => {
    const stage = parts.roster.stage(handle)
    if (stage !== undefined && fits(stage)) found.resolve()
  }
  const forget = parts.roster.onChange((status) => status.handle === handle && look())
  const deadline = new AbortController()
  look()
  await Promise.race([found.promise, parts.clock.wait(deadlineMs, deadline.signal).catch(() => undefined)])
  deadline.abort()
  forget()
  return parts.roster.stage(handle)
}
