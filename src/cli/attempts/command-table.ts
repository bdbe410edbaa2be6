import type { CommandSpec } from '../command-spec.ts'
import { ALL_PROJECTS, DRY_RUN, JSON_OPTION } from '../common-options.ts'

export const attemptsCommands: readonly CommandSpec[] = [
  {
    name: 'attempts',
    group: 'Merging:',
    summary: 'the sessions that try one task, side by side: how they score, and which one is taken',
    operands: '[name]',
    options: [
      ['--take <n>', 'land this one; the others are put away'],
      ['--report', 'all tasks that several sessions tried: what was kept, and why'],
      ALL_PROJECTS,
      ['--detach', 'with --take: put it into the queue and return'],
      DRY_RUN,
      JSON_OPTION,
    ],
    examples: ['orch attempts login', 'orch attempts login --take 2', 'orch attempts --report'],
    completes: 'tasks',
    load: async () => (await import('./attempts.ts')).attempts,
  },
]
