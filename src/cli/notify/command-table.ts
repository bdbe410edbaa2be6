import { CHANNELS } from '../../domain/notices/channels.ts'
import type { CommandSpec } from '../command-spec.ts'
import { DRY_RUN, JSON_OPTION } from '../common-options.ts'

const group = 'Fleet:'

/** How the person is told of their fleet while they look elsewhere. */
export const notifyCommands: readonly CommandSpec[] = [
  {
    name: 'notify test',
    group,
    summary: 'send a notice that means nothing on every channel that is configured, and say which of them took it',
    operands: '',
    options: [['--channel <name>', `only this one: ${CHANNELS.join(', ')}`], DRY_RUN, JSON_OPTION],
    examples: ['orch notify test', 'orch notify test --channel webhook'],
    choices: { '--channel': CHANNELS },
    isPersons: true,
    load: async () => (await import('./send-test.ts')).notifyTest,
  },
  {
    name: 'notify list',
    group,
    summary: 'what you have been told, or will be, and have not seen; and which channel could not tell it',
    operands: '',
    options: [['--all', 'also what is over'], JSON_OPTION],
    examples: ['orch notify list', "orch notify list --json | jq '.notices[].next'"],
    load: async () => (await import('./list.ts')).notifyList,
  },
  {
    name: 'notify seen',
    group,
    summary: 'you have seen these: no channel tells them any more',
    operands: '[ids...]',
    options: [['--all', 'all that are open'], DRY_RUN, JSON_OPTION],
    examples: ['orch notify seen --all', 'orch notify seen shop.api'],
    isPersons: true,
    load: async () => (await import('./seen.ts')).notifySeen,
  },
]
