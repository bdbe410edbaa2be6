import type { CommandSpec } from '../command-spec.ts'
import { DRY_RUN, JSON_OPTION } from '../common-options.ts'

const group = 'Merging:'

/** Of what becomes of entries in the queue. */
const MERGE_JSON = ['--json', 'print JSON (schema 2) on stdout'] as const

export const mergingCommands: readonly CommandSpec[] = [
  {
    name: 'merge',
    group,
    summary: 'verify finished work and land it: tasks, and any local branches',
    operands: '[names...]',
    options: [
      ['--all', 'everything in Review'],
      ['--from-file <file>', 'names from a file, one a line; - reads standard input'],
      ['--validate <command>', 'check with this command'],
      ['--detach', 'put them into the queue and return'],
      DRY_RUN,
      MERGE_JSON,
    ],
    examples: [
      'orch merge api',
      "orch merge agent/01 'agent/1*'",
      'orch merge --all --dry-run',
      'orch merge --from-file branches.txt --json',
    ],
    completes: 'work',
    isPersons: true,
    load: async () => (await import('./merge.ts')).merge,
  },
  {
    name: 'undo',
    group,
    summary: 'take a landing back by a commit that goes through the queue',
    operands: '[name]',
    options: [
      ['--all', 'the whole last landing, also when it brought several'],
      ['--detach', 'put it into the queue and return'],
      DRY_RUN,
      MERGE_JSON,
    ],
    examples: ['orch undo', 'orch undo api'],
    completes: 'work',
    isPersons: true,
    load: async () => (await import('./undo.ts')).undo,
  },
  {
    name: 'queue',
    group,
    summary: 'what waits to land, what is being tested, and why',
    operands: '',
    options: [['--follow', 'go on showing it as it changes'], JSON_OPTION],
    examples: ['orch queue', 'orch queue --follow'],
    load: async () => (await import('./queue.ts')).queue,
  },
  ...(['pause', 'resume'] as const).map((name): CommandSpec => ({
    name: `queue ${name}`,
    group,
    summary: { pause: 'begin no further batch; the one at work goes on', resume: 'go on, also where it stands still' }[name],
    operands: '',
    options: [DRY_RUN, JSON_OPTION],
    examples: [`orch queue ${name}`],
    isPersons: true,
    load: async () => (await import('./steer.ts'))[name],
  })),
  {
    name: 'queue remove',
    group,
    summary: 'take entries out of the queue; branches stay as they are',
    operands: '<names...>',
    options: [DRY_RUN, JSON_OPTION],
    examples: ['orch queue remove api'],
    completes: 'work',
    isPersons: true,
    load: async () => (await import('./steer.ts')).remove,
  },
  {
    name: 'queue prioritise',
    group,
    summary: 'change when the turn of entries comes: higher goes first, 0 is where all begin',
    operands: '<names...>',
    options: [['--to <n>', 'the priority, from -100 to 100 (default: 1)'], DRY_RUN, JSON_OPTION],
    examples: ['orch queue prioritise api', 'orch queue prioritise docs --to -1'],
    completes: 'work',
    isPersons: true,
    load: async () => (await import('./steer.ts')).prioritise,
  },
  {
    name: 'queue flaky',
    group,
    summary: 'tests that failed and passed on the same tree',
    operands: '',
    options: [JSON_OPTION],
    examples: ['orch queue flaky'],
    load: async () => (await import('./queue.ts')).flaky,
  },
]
