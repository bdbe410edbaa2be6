import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createJournalEngine } from '../../src/adapters/journal/journal-engine.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { temporaryFolder } from './temporary.ts'

/** The embedded engine over a folder of the running test's own; closed after it. */
export function testEngine(): Engine {
  const engine = createJournalEngine({ folder: join(temporaryFolder(), 'journal'), clock: systemClock })
  onTestFinished(() => engine.close())
  return engine
}
