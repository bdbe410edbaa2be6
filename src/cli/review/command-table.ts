import type { CommandSpec } from '../command-spec.ts'
import { JSON_OPTION } from '../common-options.ts'

const group = 'Reviewing:'

export const reviewCommands: readonly CommandSpec[] = [
  {
    name: 'diff',
    group,
    summary: "what a task's branch changes",
    operands: '[name]',
    options: [
      ['--stat', 'only how many lines of which file'],
      ['--names', 'only the names of the files'],
      ['--uncommitted', 'what is not committed yet, instead of what is'],
      ['--side-by-side', 'before and after beside each other, as is the case in a wide terminal'],
      ['--unified', 'below each other'],
      ['--width <n>', 'for so many columns'],
      ['--plain', 'without colours'],
      ['--patch', 'the patch itself, for `git apply`'],
      JSON_OPTION,
    ],
    examples: ['orch diff api', 'orch diff api --stat', 'orch diff api --patch | git apply --check'],
    completes: 'tasks',
    load: async () => (await import('./diff.ts')).diff,
  },
]
