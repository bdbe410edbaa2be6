import type { CommandSpec } from '../command-spec.ts'

export const mcpCommands: readonly CommandSpec[] = [
  {
    name: 'mcp',
    group: 'Machine:',
    summary: 'serve orch as tools (MCP) to Claude Code and others, on standard input and output',
    operands: '',
    options: [
      ['--http', 'one server for all, on this machine only: prints how clients are told'],
      ['--json', 'with --http: print its address and a configuration, with its token, as JSON'],
    ],
    examples: ['orch mcp', 'orch mcp --http', "orch mcp --http --json | jq '.config'"],
    load: async () => (await import('./mcp.ts')).mcp,
  },
]
