import { type TestFailure, type TestId, testKey } from '../../domain/queue/test-run.ts'
import type { TestReport } from '../../ports/test-reporting.ts'

/** What a report says of the tests that were asked for, whatever else ran beside them. */
export function reportOn(
  asked: readonly TestId[],
  report: TestReport,
): { readonly failures: readonly TestFailure[]; readonly passed: readonly TestId[] } {
  const wanted = new Set(asked.map(testKey))
  const passed = report.passed.filter((test) => wanted.has(testKey(test)))
  const failures = report.failed.filter((test) => wanted.has(testKey(test)))
  const told = new Set([...passed, ...failures].map(testKey))
  // A file that cannot be loaded takes its tests along: of those that were not told of, its failure is theirs.
  const silent = new Set(asked.filter((test) => !told.has(testKey(test))).map(({ file }) => file))
  silent.delete(undefined)
  const ofTheirFile = report.failed.filter((test) => !wanted.has(testKey(test)) && silent.has(test.file) && isWholeFile(test))
  return { failures: [...failures, ...ofTheirFile], passed }
}

function isWholeFile({ file, name }: TestId): boolean {
  return file === name
}
