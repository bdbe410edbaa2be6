import { noTokens, sumOf } from '../../domain/sessions/cost-ledger.ts'
import { costUsd, totalTokens } from '../../domain/sessions/prices.ts'
import type { SessionFacts } from '../../domain/sessions/session-facts.ts'
import type { Source } from '../../domain/tasks/task-status.ts'
import type { SessionReport } from '../services/task-entry.ts'
import { newestProcess } from './process-folders.ts'
import { sessionView } from './session-view.ts'

/** The cost is that of all processes of the task; what is to be seen is the newest one's: an old record may be read again after it. */
export function sessionReport(
  processes: ReadonlyMap<string, SessionFacts>,
  source: Source,
  folderOf: (process: string) => string,
): SessionReport | undefined {
  const newest = newestProcess(processes.keys())
  const shown = newest === undefined ? undefined : processes.get(newest)
  if (newest === undefined || shown === undefined) return undefined
  const ledgers = [...processes.values()].map((facts) => facts.ledger)
  const tokens = ledgers.map(totalTokens).reduce(sumOf, noTokens)
  return {
    view: sessionView(shown, source),
    costUsd: ledgers.map(costUsd).reduce((a, b) => a + b, 0),
    tokens: {
      input: tokens.inputTokens,
      output: tokens.outputTokens,
      cacheRead: tokens.cacheReadTokens,
      cacheCreation: tokens.cacheCreationTokens,
    },
    process: { folder: folderOf(newest) },
  }
}
