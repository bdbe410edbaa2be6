import type { TaskInput } from '../../workflows/task-input.ts'
import type { Engine } from '../../ports/engine.ts'
import { sessionQueue } from '../../workflows/seat.ts'
import type { TaskRecord } from '../services/task-record.ts'
import type { RequestParts } from './parts.ts'

/** Makes the task known, then starts its run and answers its id; done twice it starts once. */
export async function startTask(parts: Pick<RequestParts, 'engine' | 'roster' | 'sessions'>, input: TaskInput): Promise<string> {
  const known = parts.roster.record(input.handle)
  const generation = (known?.generation ?? 0) + 1
  const runId = `${input.handle}#${generation}`
  declareQueues(parts.engine, input)
  if (known !== undefined) await parts.sessions.retire(known.input, known.generation)
  await parts.roster.enrol({ runId, generation, input })
  await parts.engine.start('task', input, { id: runId })
  return runId
}

/** A run that ended without an answer (a version of orch that cannot repeat what it did) begins anew in the same worktree. */
export async function restartTask(parts: RequestParts, { input }: TaskRecord): Promise<void> {
  const base = parts.roster.status(input.handle)?.base
  await startTask(parts, { ...input, ...(base !== undefined && { base }) })
}

/** The seats of the task's project; the newest task's cap holds. */
export function declareQueues(engine: Engine, input: TaskInput): void {
  engine.queue(sessionQueue(input.project), { concurrency: input.settings.max })
}
