import type { CommandSpec } from '../command-spec.ts'

export const mcpCommands: readonly CommandSpec[] = [
  {
    name: 'mcp',
    group: 'Machine:',
    summary: 'serve orch to Claude Code and others as tools (MCP), on standard input and output',
    operands: '',
    options: [],
    examples: ['orch mcp'],
    load: async () => (await import('./mcp.ts')).mcp,
  },
]
