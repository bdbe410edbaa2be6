import type { Runner } from '../../domain/queue/step.ts'
import { findCall } from './runner-call.ts'

/** Only where orch's own arguments do not meet others that say something else of the report; then the exit code alone counts. */
export function detectRunner(line: string, manifest: string | undefined): Runner | undefined {
  const call = findCall(line, manifest)
  if (call === undefined) return undefined
  const isTaken = call.words.some((word) => REPORTS[call.runner].test(word))
  return isTaken ? undefined : call.runner
}

const REPORTS: Readonly<Record<Runner, RegExp>> = {
  'node-test': /^--(?:test-reporter|watch)/,
  vitest: /^(?:--outputFile|--watch|-w|watch|dev|bench|list|typecheck)(?:$|=)/,
  jest: /^--(?:json|outputFile|watch|listTests)/,
  mocha: /^(?:--reporter|-R|--watch|-w)(?:$|=|-)/,
  pytest: /^(?:--junit-?xml|--collect-only)/,
  'go-test': /^--?(?:json|list|c)$/,
  'cargo-test': /^--(?:no-run|list|format)/,
}
