import type { CommandSpec } from '../command-spec.ts'
import { DRY_RUN, JSON_OPTION } from '../common-options.ts'

const group = 'Fleet:'
const BECAUSE = ['--because <words>', 'the words to it, where every operand is an id'] as const

/** What waits for the person, and their word to it. */
export const personCommands: readonly CommandSpec[] = [
  {
    name: 'inbox',
    group,
    summary: 'all that waits for you, most urgent first; in a worktree: new messages to whoever works there',
    operands: '',
    options: [
      ['--project <name>', 'only what this project asks'],
      ['--follow', 'go on until Ctrl-C, at every change'],
      ['--dry-run', 'in a worktree: show them, leave them new'],
      JSON_OPTION,
    ],
    examples: ['orch inbox', 'orch inbox --project shop', "orch inbox --json | jq '.items[].next'"],
    load: async () => (await import('./inbox.ts')).inbox,
  },
  {
    name: 'approve',
    group,
    summary: 'say yes to what waits for you: the request of a session, a gate',
    operands: '<ids...>',
    usage: '[options] <ids...> [words]',
    options: [BECAUSE, DRY_RUN, JSON_OPTION],
    examples: ['orch approve 3f2a', 'orch approve m12 m13'],
    completes: 'requests',
    isPersons: true,
    load: async () => (await import('./answer.ts')).approve,
  },
  {
    name: 'deny',
    group,
    summary: 'say no to what waits for you, and why',
    operands: '<ids...>',
    usage: '[options] <ids...> [why]',
    options: [BECAUSE, DRY_RUN, JSON_OPTION],
    examples: ['orch deny 3f2a "Publish by hand after review"', 'orch deny m12 "Use the library that we have"'],
    completes: 'requests',
    isPersons: true,
    load: async () => (await import('./answer.ts')).deny,
  },
  {
    name: 'answer',
    group,
    summary: 'answer a question: one that waits for you, or in a worktree one to whoever works there',
    operands: '<id> <words...>',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch answer m12 "In cents, as an integer"', 'orch answer 3f2a "Postgres" "yes"'],
    completes: 'requests',
    load: async () => (await import('./answer.ts')).answer,
  },
]
