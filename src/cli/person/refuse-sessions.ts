import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { parseHandle } from '../../foundation/brand.ts'
import { environmentsAbove } from '../../platform/environments/ancestors.ts'
import type { Context } from '../context.ts'

const OF_A_SESSION = ['ORCH_SESSION', 'ORCH_TASK'] as const

/**
 * A session could type the person's commands too, and their word is not its own. Failure `not-yours` in everything that a session started,
 * also where it took its variables away. It keeps honest agents honest: whoever means harm runs as the same user.
 */
export function refuseSessions({ environment, home }: Pick<Context, 'environment' | 'home'>): void {
  const isMarked = OF_A_SESSION.some((name) => environment[name] !== undefined)
  if (!isMarked && !environmentsAbove(OF_A_SESSION).some((above) => isOfThisHome(above, home))) return
  throw new Failure('not-yours', 'This is a session of orch: only the person says this.', {
    safe: 'nothing was said, and nothing was changed',
    next: 'orch escalate "…" asks them; orch tell NAME "…" speaks to another session',
  })
}

/** Whoever works on orch itself in a session of another home is the person of this one. */
function isOfThisHome({ ORCH_SESSION, ORCH_TASK = '' }: Readonly<Record<string, string>>, home: string): boolean {
  const handle = parseHandle(ORCH_TASK)
  return ORCH_SESSION !== undefined && handle !== undefined && existsSync(join(home, 'sessions', handle.handle))
}
