import { fileURLToPath } from 'node:url'
import type { SessionSpec } from '../../ports/agent.ts'

/** The worker's side of orch as a plugin of Claude Code; three folders up from here, in src as in dist. */
export const WORKER_PLUGIN = fileURLToPath(new URL('../../../plugin-worker', import.meta.url))

/** The arguments of a session that is spoken to by JSON lines. `settings` is a file. */
export function sessionArguments(spec: SessionSpec, settings: string): string[] {
  return [
    '-p',
    '--input-format=stream-json',
    '--output-format=stream-json',
    '--verbose',
    // Our messages and answers come back in the record: the receipts, and after a restart the proof of what was answered.
    '--replay-user-messages',
    ...(spec.isReadOnly === true ? readOnlyArguments(spec) : workingArguments(spec)),
    ...(spec.outputSchema === undefined ? [] : [`--json-schema=${JSON.stringify(spec.outputSchema)}`]),
    // The part of the instructions that differs between worktrees goes to the end, so that all sessions share one cached beginning.
    '--exclude-dynamic-system-prompt-sections',
    `${spec.begin === 'new' ? '--session-id' : '--resume'}=${spec.conversationId}`,
    ...commonArguments(spec, settings),
  ]
}

/** The arguments of the same session in a person's terminal. Its tools are the same, so that the conversation's cached beginning is. */
export function terminalArguments(spec: SessionSpec, settings: string): string[] {
  const { budgetUsd: _onlyForPrintMode, ...interactive } = spec
  return [
    `--permission-mode=${spec.permissionMode ?? 'acceptEdits'}`,
    `--tools=${toolsOf(spec).join(',')}`,
    '--exclude-dynamic-system-prompt-sections',
    `${spec.begin === 'new' ? '--session-id' : '--resume'}=${spec.conversationId}`,
    ...commonArguments(interactive, settings),
  ]
}

/** What an interactive session has in common with one of ours. */
export function commonArguments(spec: SessionSpec, settings: string): string[] {
  return [
    `--name=${spec.handle}`,
    `--settings=${settings}`,
    ...(spec.isReadOnly === true ? [] : [`--plugin-dir=${WORKER_PLUGIN}`]),
    ...(spec.instructions === '' ? [] : [`--append-system-prompt=${spec.instructions}`]),
    ...(spec.model === undefined ? [] : [`--model=${spec.model}`]),
    ...(spec.subagents === undefined ? [] : [`--agents=${JSON.stringify(spec.subagents)}`]),
    ...(spec.budgetUsd === undefined ? [] : [`--max-budget-usd=${spec.budgetUsd}`]),
  ]
}

const sessionTools = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob', 'Task', 'Skill', 'WebFetch', 'WebSearch']

function workingArguments(spec: SessionSpec): string[] {
  return [
    '--permission-prompt-tool=stdio',
    `--permission-mode=${spec.permissionMode ?? 'acceptEdits'}`,
    // Few tools make the first request 56 to 77 % smaller; tools of MCP servers stay available beside them.
    `--tools=${toolsOf(spec).join(',')}`,
  ]
}

/** Sub-agents are called by a tool. */
function toolsOf({ tools = sessionTools, subagents }: SessionSpec): readonly string[] {
  return subagents === undefined || tools.includes('Task') ? tools : [...tools, 'Task']
}

/**
 * Nobody is asked, so what needs leave is denied. The reviewed commit's own settings, hooks and MCP servers are the work of the one who is
 * reviewed: they are left out.
 */
function readOnlyArguments({ readablePaths = [] }: SessionSpec): string[] {
  return [
    '--permission-mode=default',
    `--tools=${readingTools.join(',')}`,
    '--setting-sources=user',
    '--strict-mcp-config',
    '--disable-slash-commands',
    ...readablePaths.map((path) => `--add-dir=${path}`),
  ]
}

const readingTools = ['Read', 'Grep', 'Glob']
