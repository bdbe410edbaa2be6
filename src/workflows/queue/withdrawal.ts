import type { Run } from '../../ports/engine.ts'
import type { Services } from '../services.ts'

/** Whether the entry will not land any more: a batch lands only what its run has on offer at that moment, and a replay ends here too. */
export async function isOut(run: Run, { queue }: Services, entry: string): Promise<boolean> {
  if ((await run.step('withdraw', () => queue.withdraw(entry))) === 'landing') return false
  queue.forget(entry)
  return true
}
