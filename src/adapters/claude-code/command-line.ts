import { Failure } from '../../foundation/failure.ts'
import type { SessionSpec } from '../../ports/agent.ts'

/** The arguments of a session that is spoken to by JSON lines. */
export function sessionArguments(spec: SessionSpec): string[] {
  return [
    '-p',
    '--input-format=stream-json',
    '--output-format=stream-json',
    '--verbose',
    // Our messages and answers come back in the record: the receipts, and after a restart the proof of what was answered.
    '--replay-user-messages',
    ...(spec.isReadOnly === true ? readOnlyArguments(spec) : workingArguments),
    ...(spec.outputSchema === undefined ? [] : [`--json-schema=${JSON.stringify(spec.outputSchema)}`]),
    // The part of the instructions that differs between worktrees goes to the end, so that all sessions share one cached beginning.
    '--exclude-dynamic-system-prompt-sections',
    `${spec.begin === 'new' ? '--session-id' : '--resume'}=${spec.conversationId}`,
    ...commonArguments(spec),
  ]
}

/** What an interactive session has in common with one of ours; `settings` are JSON, or the file that holds it. */
export function commonArguments(spec: SessionSpec, settings = settingsOf(spec)): string[] {
  return [
    `--name=${spec.handle}`,
    `--settings=${settings}`,
    ...(spec.instructions === '' ? [] : [`--append-system-prompt=${spec.instructions}`]),
    ...(spec.model === undefined ? [] : [`--model=${spec.model}`]),
    ...(spec.budgetUsd === undefined ? [] : [`--max-budget-usd=${spec.budgetUsd}`]),
  ]
}

export function settingsOf(spec: SessionSpec, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...more, permissions: permissionRules(spec) })
}

const sessionTools = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob', 'Task', 'Skill', 'WebFetch', 'WebSearch']
const workingArguments = [
  '--permission-prompt-tool=stdio',
  '--permission-mode=acceptEdits',
  // Few tools make the first request 56 to 77 % smaller; tools of MCP servers stay available beside them.
  `--tools=${sessionTools.join(',')}`,
]

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
/** Denied besides not being there: a deny rule holds in every mode. */
const writingTools = ['Bash', 'Edit', 'Write', 'NotebookEdit', 'Task', 'Agent', 'WebFetch', 'WebSearch', 'Skill']

export function permissionRules({
  permissions,
  protectedPaths,
  worktree,
  isReadOnly = false,
}: SessionSpec): Record<'allow' | 'ask' | 'deny', string[]> {
  if (isReadOnly) return { allow: [], ask: [], deny: [...permissions.deny, ...writingTools] }
  return {
    allow: [...permissions.allow],
    ask: [...permissions.ask],
    deny: [...permissions.deny, ...protectedPaths.map((path) => denyEdits(path, worktree))],
  }
}

/** Claude Code applies an `Edit` rule to its editing tools and to shell redirections; `//` begins an absolute path. */
function denyEdits(path: string, worktree: string): string {
  if (`${worktree}/`.startsWith(`${path}/`)) {
    throw new Failure('worktree-not-separate', `The worktree ${worktree} lies inside ${path}, which its session must not edit.`, {
      facts: { worktree, path },
      next: 'Put the worktree beside the main checkout.',
    })
  }
  // The rule is a pattern inside parentheses: a character with a meaning there is matched by `?`, which is any one character.
  return `Edit(/${path.replace(/[*?[\]{}()!\\]/g, '?')}/**)`
}
