import type { Run } from '../../ports/engine.ts'
import { sendIfKnown } from '../send-if-known.ts'
import type { Services } from '../services.ts'
import { WITHDRAWALS } from './batch-input.ts'

/** Whether the entry will not land any more. A batch that is at work with it hears so durably, so that its next life leaves it out too. */
export async function withdraw(run: Run, { queue }: Services, entry: string): Promise<boolean> {
  const answer = await run.step('withdraw', () => queue.withdraw(entry))
  if (answer.kind === 'landing') return false
  if (answer.batch !== undefined) await sendIfKnown(run, answer.batch, WITHDRAWALS, { entry })
  return true
}
