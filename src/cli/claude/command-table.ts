import type { CommandSpec } from '../command-spec.ts'

const group = 'Machine:'

/** What the hooks of the Claude Code plugin call (`plugin/hooks/hooks.json`): JSON of a hook on stdin, its answer on stdout. */
export const claudeCommands: readonly CommandSpec[] = [
  {
    name: 'claude expansion',
    group,
    summary: 'answers a slash command of the plugin, or gives the model the facts to act on',
    operands: '',
    options: [],
    examples: [],
    isHidden: true,
    load: async () => (await import('./expansion.ts')).expansion,
  },
]
