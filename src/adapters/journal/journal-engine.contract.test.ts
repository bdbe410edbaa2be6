import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { engineContract } from '../../ports/engine.contract.ts'
import { createJournalEngine } from './journal-engine.ts'

engineContract('journal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orch-journal-'))
  const clock = new ManualClock()
  let engine = createJournalEngine({ folder, clock })
  return {
    engine,
    relaunch: async () => {
      await engine.close()
      return (engine = createJournalEngine({ folder, clock }))
    },
    pass: (ms) => clock.advance(ms),
    dispose: async () => {
      await engine.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
