import type { CommandSpec } from '../command-spec.ts'
import { DRY_RUN, JSON_OPTION } from '../common-options.ts'

const group = 'Brain:'

/** What sessions have learned, from worktree to worktree and into the repository. */
export const brainCommands: readonly CommandSpec[] = [
  {
    name: 'brain',
    group,
    summary: 'what the sessions of this repository have learned, newest first',
    operands: '',
    options: [JSON_OPTION],
    examples: ['orch brain', "orch brain --json | jq -r '.learnings[].title'"],
    load: async () => (await import('./brain.ts')).brain,
  },
  {
    name: 'brain save',
    group,
    summary: 'keep now what a worktree has in .planning/brain/; landing does it by itself',
    operands: '[name]',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch brain save', 'orch brain save api'],
    completes: 'tasks',
    load: async () => (await import('./save.ts')).save,
  },
  {
    name: 'brain load',
    group,
    summary: 'show what concerns a task, and put it into .orch/brain/ of its worktree; new worktrees have it',
    operands: '[name]',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch brain load', 'orch brain load api --json'],
    completes: 'tasks',
    load: async () => (await import('./load.ts')).load,
  },
  {
    name: 'brain consolidate',
    group,
    summary: "write what is new into the repository's own .planning/brain/, for you to commit",
    operands: '',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch brain consolidate --dry-run', 'orch brain consolidate'],
    load: async () => (await import('./consolidate.ts')).consolidate,
  },
  {
    name: 'brain proposals',
    group,
    summary: 'the rules that learnings propose for CLAUDE.md, as a diff',
    operands: '[names...]',
    options: [['--apply', 'write them, or those named, into CLAUDE.md of your checkout'], JSON_OPTION],
    examples: ['orch brain proposals', 'orch brain proposals --apply'],
    load: async () => (await import('./proposals.ts')).proposals,
  },
]
