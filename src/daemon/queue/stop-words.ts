import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { BatchOutput } from '../../workflows/queue/batch-input.ts'

/** Why a queue stands still after a batch that failed, and what to do. */
export function failureWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const next =
    error instanceof Failure && error.next !== undefined ? `: ${error.next}, then orch queue resume` : '; orch queue resume tries again'
  return `${error.message}${next}`
}

export function redWords(target: string, end: Extract<BatchOutput['end'], { kind: 'red-target' }>): string {
  const tests =
    end.tests.length === 0 ? withoutTests(end) : `${end.step}: ${end.tests.slice(0, 3).join(', ')}${end.tests.length > 3 ? ' …' : ''}`
  return `${target} itself fails at ${end.commit.slice(0, 10)} (${tests}): mend it there, the queue goes on by itself`
}

/** Where no report names a test, how the command ended is all that is known. */
function withoutTests({ step, summary }: { readonly step: string; readonly summary: string }): string {
  return summary === '' ? step : `${step}: ${plainLine(summary, 200)}`
}
