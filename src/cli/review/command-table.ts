import type { CommandSpec } from '../command-spec.ts'
import { DRY_RUN, JSON_OPTION } from '../common-options.ts'

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
  {
    name: 'review',
    group,
    summary: 'go through finished work: notes, evidence, diff; merge it, send it back or discard it',
    operands: '[names...]',
    options: [
      ['--list', 'what there is to review, most urgent first'],
      ['--merge <names...>', 'land these, as `orch merge`'],
      ['--send-back <name>', 'give its session all comments as one message'],
      ['--comment <text...>', 'with --send-back: "file:line: text", or what is about the whole; again for each'],
      ['--comments-file <file>', 'with --send-back: such comments, one a line; - reads standard input'],
      ['--discard <name>', 'give it up: archived, and it says how to restore it'],
      ['--reason <why>', 'with --discard: kept with the work'],
      ['--skip <name>', 'last in the list until its branch moves'],
      ['--test-all', 'validate every finished branch alone, and all of them merged'],
      DRY_RUN,
      JSON_OPTION,
    ],
    examples: [
      'orch review',
      'orch review --list --json',
      'orch review --send-back api --comment "src/api.ts:12: say why" --comment "README.md:3: a typo"',
      'orch review --discard api --reason "web does it better"',
    ],
    completes: 'tasks',
    isPersons: true,
    load: async () => (await import('./review.ts')).review,
  },
]
