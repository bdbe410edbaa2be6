import { testReports } from '../../../src/adapters/test-reports/test-reports.ts'
import type { TestReporting } from '../../../src/ports/test-reporting.ts'

/** The reports of real runners, for tests of parts that may not name an adapter. */
export function testReporting(): TestReporting {
  return testReports
}
