import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { shellWord } from '../../foundation/shell.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import type { SessionHooks, SessionSpec } from '../../ports/agent.ts'

/**
 * Writes what a session is set up with into its folder and answers the path. In a file, because the guard's URL is a secret and a command line is
 * anybody's to read. Never into the worktree's `.claude`: that is the user's.
 */
export async function writeSettings(
  spec: SessionSpec,
  hooks: Readonly<Record<string, unknown>> = hooksOf(spec.hooks ?? {}),
): Promise<string> {
  const path = join(spec.folder, 'settings.json')
  await ensurePrivateDirectory(spec.folder)
  await replaceFile(path, JSON.stringify({ hooks, permissions: permissionRules(spec) }), { survives: 'kill' })
  return path
}

const EDITORS = 'Edit|Write|MultiEdit|NotebookEdit'
/** Seconds. A daemon that is gone refuses at once; one that is busy must not hold up an edit for long, for the commit is looked at as well. */
const GUARD_TIMEOUT = 10

/** Claude Code calls no HTTP hook at the start of a session: there a command prints the file. */
export function hooksOf({ editGuard, contextFile }: SessionHooks): Record<string, unknown> {
  const recall = contextFile && { type: 'command', command: printCommand(contextFile), timeout: GUARD_TIMEOUT }
  return {
    ...(editGuard && { PreToolUse: [{ matcher: EDITORS, hooks: [{ type: 'http', url: editGuard, timeout: GUARD_TIMEOUT }] }] }),
    ...(recall && { SessionStart: [{ matcher: 'compact|resume', hooks: [recall] }] }),
  }
}

function printCommand(file: string): string {
  return `f=${shellWord(file)}; if [ -r "$f" ]; then cat "$f"; fi`
}

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
