import { type TestFailure, type TestId, testKey } from '../../domain/queue/test-run.ts'
import type { TestReport } from '../../ports/test-reporting.ts'

/**
 * Whole files to run for tests that were asked for and of which a narrowed run says nothing: they are not there, or their names pick nothing in this
 * runner (of `node --test` those within another test). A test that would pass only because it did not run must not look like one that passes.
 */
export function untoldFiles(asked: readonly TestId[], report: TestReport): readonly TestId[] {
  const told = new Set([...report.passed, ...report.failed].map(testKey))
  const loaded = new Set(report.failed.filter(isWholeFile).map(({ file }) => file))
  const files = asked
    .filter((test) => !told.has(testKey(test)) && !isWholeFile(test) && !loaded.has(test.file))
    .flatMap(({ file }) => file ?? [])
  return [...new Set(files)].map((file) => ({ file, name: file }))
}

export function joined(one: TestReport, other: TestReport): TestReport {
  const failed = new Map([...one.failed, ...other.failed].map((test) => [testKey(test), test]))
  const passed = new Map([...one.passed, ...other.passed].map((test) => [testKey(test), test]))
  return {
    passed: [...passed.values()].filter((test) => !failed.has(testKey(test))),
    failed: [...failed.values()],
    skipped: one.skipped + other.skipped,
  }
}

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
