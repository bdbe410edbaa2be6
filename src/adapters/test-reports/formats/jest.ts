import * as v from 'valibot'
import type { GatheredTests } from '../gathered-tests.ts'

/** The JSON of jest, which vitest writes too. A file that could not be loaded has no tests, but a message. */
export function readJest(text: string, tests: GatheredTests): void {
  for (const { name: file, status, message, assertionResults } of v.parse(Report, JSON.parse(text)).testResults) {
    for (const { ancestorTitles, title, status: result, failureMessages, location } of assertionResults) {
      const names = [...ancestorTitles, title].filter((name) => name !== '')
      if (result === 'passed') tests.pass({ file, names })
      else if (result === 'failed') tests.fail({ file, names, message: (failureMessages ?? []).join('\n'), line: location?.line })
      else tests.skip()
    }
    const isUntold = status === 'failed' && assertionResults.every((result) => result.status !== 'failed')
    if (isUntold) tests.fail({ file, names: [file], message: message ?? '' })
  }
}

const Assertion = v.object({
  ancestorTitles: v.array(v.string()),
  title: v.string(),
  status: v.string(),
  failureMessages: v.nullish(v.array(v.string())),
  location: v.nullish(v.object({ line: v.number() })),
})
const Report = v.object({
  testResults: v.array(
    v.object({ name: v.string(), status: v.string(), message: v.nullish(v.string()), assertionResults: v.array(Assertion) }),
  ),
})
