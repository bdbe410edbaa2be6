import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createJournalEngine } from '../../src/adapters/journal/journal-engine.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { temporaryFolder } from './temporary.ts'

/** The embedded engine over a folder of the running test's own; closed after it. A second one over the same folder goes on where the first was closed. */
export function testEngine(folder = temporaryFolder(), clock: Clock = systemClock): Engine {
  const engine = createJournalEngine({ folder: join(folder, 'journal'), clock })
  onTestFinished(() => engine.close())
  return engine
}
