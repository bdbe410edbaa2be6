import type { CommandSpec } from '../command-spec.ts'
import { ALL_PROJECTS, JSON_OPTION } from '../common-options.ts'

const group = 'Looking:'

export const readingCommands: readonly CommandSpec[] = [
  {
    name: 'status',
    group,
    summary: 'how it stands, in one line',
    operands: '',
    options: [ALL_PROJECTS, JSON_OPTION],
    examples: ['orch status', 'orch status --all --json'],
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'monitor',
    group,
    summary: 'the table of all sessions, what they need, and what to do next',
    operands: '',
    options: [ALL_PROJECTS, ['--watch', 'redraw until Ctrl-C'], JSON_OPTION],
    examples: ['orch monitor', 'orch monitor --watch'],
    load: async () => (await import('./monitor.ts')).monitor,
  },
  {
    name: 'list',
    group,
    summary: 'one line for each task, with open requests',
    operands: '',
    options: [ALL_PROJECTS, JSON_OPTION],
    examples: ['orch list', "orch list --json | jq '.tasks[].requests'"],
    load: async () => (await import('./list.ts')).list,
  },
  {
    name: 'logs',
    group,
    summary: 'what a session said and did',
    operands: '[name]',
    options: [['-f, --follow', 'go on until Ctrl-C'], ['--raw', "the agent's own record"], JSON_OPTION],
    examples: ['orch logs api', 'orch logs api --follow', 'orch logs api --raw | jq .type'],
    completes: 'tasks',
    load: async () => (await import('./logs.ts')).logs,
  },
  {
    name: 'radar',
    group,
    summary: 'which live worktrees would conflict, with each other and with the target, uncommitted work included',
    operands: '',
    options: [
      ALL_PROJECTS,
      ['--hunks', 'the lines of both sides'],
      ['--no-sweep', 'only what was seen last; without it a daemon that runs looks again first'],
      ['--follow', 'go on until Ctrl-C, at every change'],
      JSON_OPTION,
    ],
    examples: ['orch radar', 'orch radar --hunks', "orch radar --json | jq '.reports[].overlaps[].files[].path'"],
    load: async () => (await import('./radar.ts')).radar,
  },
  {
    name: 'board',
    group,
    summary: 'what sessions, people and orch said to each other, who has read it, and who waits for whom',
    operands: '',
    options: [
      ALL_PROJECTS,
      ['--feature <name>', 'only what belongs to this feature'],
      ['--follow', 'go on until Ctrl-C, at every change'],
      JSON_OPTION,
    ],
    examples: [
      'orch board',
      'orch board --feature payments --follow',
      'orch board --json | jq \'.messages[] | select(.kind == "decision")\'',
    ],
    names: { '--feature': 'features' },
    load: async () => (await import('./board.ts')).board,
  },
  ...(['bash', 'zsh', 'fish'] as const).map((shell): CommandSpec => ({
    name: `completion ${shell}`,
    group: 'Machine:',
    summary: `print the completion script for ${shell}`,
    operands: '',
    options: [],
    examples: [
      {
        bash: "echo 'source <(orch completion bash)' >> ~/.bashrc",
        zsh: "echo 'source <(orch completion zsh)' >> ~/.zshrc",
        fish: 'orch completion fish > ~/.config/fish/completions/orch.fish',
      }[shell],
    ],
    load: async () => (await import('../completion/script.ts')).printScript(shell),
  })),
  {
    name: '__complete',
    group: 'Machine:',
    summary: 'what may come next on a command line',
    operands: '[words...]',
    options: [],
    examples: [],
    isHidden: true,
    load: async () => (await import('../completion/complete.ts')).complete,
  },
]
