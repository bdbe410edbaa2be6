import type { CommandSpec } from '../command-spec.ts'
import { DRY_RUN, JSON_OPTION } from '../common-options.ts'

const group = 'In a worktree:'

export const worktreeCommands: readonly CommandSpec[] = [
  {
    name: 'checkpoint',
    group,
    summary: 'this commit is a good state, and here is the evidence',
    operands: '<message>',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch checkpoint "parser done, 14 tests pass"'],
    load: async () => (await import('./outbox.ts')).checkpoint,
  },
  {
    name: 'done',
    group,
    summary: 'the task is finished at this commit',
    operands: '[message]',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch done', 'orch done "all criteria met; npm test passes"'],
    load: async () => (await import('./outbox.ts')).done,
  },
  {
    name: 'blocked',
    group,
    summary: 'I cannot go on without a person, and here is why',
    operands: '<reason>',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch blocked "which of the two schemas is the right one?"'],
    load: async () => (await import('./outbox.ts')).blocked,
  },
  {
    name: 'tell',
    group,
    summary: 'say something to the human',
    operands: '<message>',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch tell "the flaky test is not mine"'],
    load: async () => (await import('./outbox.ts')).tell,
  },
  {
    name: 'notes',
    group,
    summary: 'show AGENT_NOTES.md, or add to it; elsewhere with a name: that of another session',
    operands: '[text]',
    usage: '[options] [text]   or   orch notes [options] [name]',
    completes: 'tasks',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch notes', 'orch notes "the cache key must hold the tenant"', 'orch notes api'],
    load: async () => (await import('./notes.ts')).notes,
  },
]
