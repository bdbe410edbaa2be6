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
  {
    name: 'claude worktree',
    group,
    summary: "makes the worktree of the person's `claude -w NAME` a task's, and prints its path",
    operands: '',
    options: [],
    examples: [],
    isHidden: true,
    load: async () => (await import('./worktree.ts')).worktree,
  },
  {
    name: 'claude worktree-left',
    group,
    summary: 'takes such a worktree away when the person leaves it, with proof',
    operands: '',
    options: [],
    examples: [],
    isHidden: true,
    load: async () => (await import('./worktree.ts')).worktreeLeft,
  },
  {
    name: 'claude news',
    group,
    summary: 'waits behind a session that leads a team until there is news to tell it',
    operands: '',
    options: [
      ['--claude <pid>', 'the Claude Code that is told'],
      ['--gather <ms>', 'what comes within this time is told together'],
    ],
    examples: [],
    isHidden: true,
    load: async () => (await import('./news/news.ts')).news,
  },
  {
    name: 'claude prompt',
    group,
    summary: 'gives such a session its news with what the person says',
    operands: '',
    options: [['--claude <pid>', 'the Claude Code that is told']],
    examples: [],
    isHidden: true,
    load: async () => (await import('./news/news.ts')).prompt,
  },
]
