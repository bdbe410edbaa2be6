import type { CommandSpec } from '../command-spec.ts'
import { ALL_PROJECTS } from '../common-options.ts'

export const uiCommands: readonly CommandSpec[] = [
  {
    name: 'ui',
    group: 'Looking:',
    summary: 'the live board: all sessions, what they say and do, and what waits for you; answer, merge, stop and start from there',
    operands: '',
    options: [ALL_PROJECTS, ['--plain', 'lines instead of a screen: for screen readers, and for terminals that cannot move their cursor']],
    examples: ['orch ui', 'orch ui --all', 'orch ui --plain'],
    isPersons: true,
    load: async () => (await import('./ui.ts')).ui,
  },
]
