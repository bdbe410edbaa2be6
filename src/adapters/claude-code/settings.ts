import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { PERSONS_PLUGIN } from '../../platform/environments/claude-config.ts'
import { ensurePrivateDirectory, replaceFile } from '../../platform/files.ts'
import type { SessionHooks, SessionSpec } from '../../ports/agent.ts'

export interface OwnSettings {
  readonly hooks: Readonly<Record<string, unknown>>
  readonly enabledPlugins?: Readonly<Record<string, boolean>>
}

/**
 * Writes what a session is set up with into its folder and answers the path: all that is secret or differs between sessions; the rest is the
 * worker's plugin. In a file, because the guard's URL is a secret and a command line is anybody's to read. Never into the worktree's `.claude`:
 * that is the user's.
 */
export async function writeSettings(spec: SessionSpec, own: OwnSettings = ofWorkers(spec.hooks ?? {})): Promise<string> {
  const path = join(spec.folder, 'settings.json')
  const told = spec.hooks?.contextFile
  await ensurePrivateDirectory(spec.folder)
  const settings = { ...own, ...(told !== undefined && { env: { ORCH_CONTEXT_FILE: told } }), permissions: permissionRules(spec) }
  await replaceFile(path, JSON.stringify(settings), { survives: 'kill' })
  return path
}

const EDITORS = 'Edit|Write|MultiEdit|NotebookEdit'
/** Seconds. A daemon that is gone refuses at once; one that is busy must not hold up an edit for long, for the commit is looked at as well. */
const GUARD_TIMEOUT = 10

/** A plugin that the person has installed for all their sessions would start its server and its hooks in each of fifty. */
export function ofWorkers({ editGuard }: SessionHooks): OwnSettings {
  const guard = editGuard && { PreToolUse: [{ matcher: EDITORS, hooks: [{ type: 'http', url: editGuard, timeout: GUARD_TIMEOUT }] }] }
  return { hooks: { ...guard }, enabledPlugins: { [PERSONS_PLUGIN]: false } }
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
