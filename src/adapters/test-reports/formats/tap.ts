import { Parser, type Result } from 'tap-parser'
import type { GatheredTests } from '../gathered-tests.ts'

/** Test Anything Protocol, with subtests; of a test with subtests only those are told. */
export function readTap(text: string, tests: GatheredTests): void {
  // Each level is another parser within the last.
  listen(new Parser(), [], tests).end(text.replaceAll(/^ {200,}.*$/gm, ''))
}

function listen(parser: Parser, names: readonly string[], tests: GatheredTests): Parser {
  let hasSubtests = false
  parser.on('child', (child: Parser) => {
    hasSubtests = true
    listen(child, [...names, child.name], tests)
  })
  parser.on('assert', (result: Result) => {
    if (!hasSubtests) tell(result, [...names, result.name], tests)
    hasSubtests = false
  })
  return parser
}

function tell({ ok, skip, todo, diag }: Result, names: readonly string[], tests: GatheredTests): void {
  if (skip || todo) return tests.skip()
  if (ok) return tests.pass({ names })
  const message = typeof diag === 'object' && diag !== null ? JSON.stringify(diag, null, 1).replaceAll(String.raw`\n`, '\n') : ''
  return tests.fail({ names, message })
}
