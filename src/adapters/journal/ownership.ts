import { Failure } from '../../foundation/failure.ts'
import type { GenerationLock } from '../../platform/generation-lock.ts'
import { tryAcquire } from '../../platform/generation-lock.ts'

/** One process writes a journal. Failure `already-owned` while another one does. */
export async function own(folder: string): Promise<GenerationLock> {
  const attempt = await tryAcquire(folder)
  if (attempt.kind === 'acquired') return attempt.lock
  const who = attempt.owner === undefined ? 'another process' : `process ${attempt.owner.pid}`
  throw new Failure('already-owned', `The journal ${folder} is in use by ${who}`, {
    facts: { folder, pid: attempt.owner?.pid },
    safe: 'Nothing was read or changed.',
    next: 'Use the daemon that runs, or stop it first: orch daemon stop',
  })
}
