import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExpansionInput } from './hook-input.ts'

/** A command of ours; `isStub` is a file of the repository, which has only its name. */
export interface OwnCommand {
  readonly name: string
  readonly isStub: boolean
}

/**
 * The plugin's name of the command: what stands behind `/orch:`, or of a file in `.claude/commands` that says it is one of orch's. Undefined for
 * any other: a `/merge` of the user's own is theirs.
 */
export function ownCommand({ command_name: name, cwd }: Pick<ExpansionInput, 'command_name' | 'cwd'>): OwnCommand | undefined {
  if (name.startsWith('orch:')) return { name: name.slice('orch:'.length), isStub: false }
  return /^[a-z-]+$/.test(name) && isOurs(nearest(cwd, join('.claude', 'commands', `${name}.md`)), name)
    ? { name, isStub: true }
    : undefined
}

/** Front matter that Claude Code passes over, and that `orch init --claude` writes. */
export function ownMark(name: string): string {
  return `orch-command: ${name}`
}

function isOurs(text: string | undefined, name: string): boolean {
  return text?.split('\n').includes(ownMark(name)) === true
}

/** As Claude Code finds it: in the session's folder or one above. */
function nearest(folder: string, path: string): string | undefined {
  try {
    return readFileSync(join(folder, path), 'utf8')
  } catch {
    return dirname(folder) === folder ? undefined : nearest(dirname(folder), path)
  }
}
