import type { CommandSpec } from '../command-spec.ts'
import { JSON_OPTION } from '../common-options.ts'

const group = 'Looking:'

/** What a feature is and was, computed from what is on record. */
export const reportCommands: readonly CommandSpec[] = [
  {
    name: 'table',
    group,
    summary: 'the tracking table: of each department phase, branch, checkpoint, verdicts, needs, files, and whom it waits for',
    operands: '[feature]',
    options: [JSON_OPTION],
    examples: ['orch table', 'orch table payments --json'],
    completes: 'features',
    load: async () => (await import('./table.ts')).table,
  },
  {
    name: 'report',
    group,
    summary: "a feature's success checklist, computed, and its story, as Markdown",
    operands: '[feature]',
    options: [['--output <file>', 'write it there'], JSON_OPTION],
    examples: ['orch report payments', 'orch report payments --output report.md', 'orch report payments --json | jq .checklist'],
    completes: 'features',
    load: async () => (await import('./report.ts')).report,
  },
]
