import { failureCode } from '../foundation/failure.ts'
import type { Json, Run } from '../ports/engine.ts'

/** A run that a daemon made known and did not start, as it died in between, looks for itself when it begins. */
export async function sendIfKnown(run: Pick<Run, 'send'>, to: string, topic: string, body: Json): Promise<void> {
  try {
    await run.send(to, topic, body)
  } catch (error) {
    if (failureCode(error) !== 'unknown-run') throw error
  }
}
