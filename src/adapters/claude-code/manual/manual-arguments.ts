import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionSpec } from '../../../ports/agent.ts'
import { commonArguments } from '../command-line.ts'
import { writeSettings } from '../settings.ts'

/** What follows `claude` in the command that a person types: their own session, followed through hooks that come with it and touch no settings file. */
export async function manualArguments(spec: SessionSpec): Promise<string[]> {
  await mkdir(spec.folder, { recursive: true, mode: 0o700 })
  // Made now, so that whoever attaches to the folder knows whose session it is before the first hook speaks.
  await writeFile(hooksFile(spec.folder), '', { flag: 'a', mode: 0o600 })
  const settings = await writeSettings(spec, { hooks: hooksInto(hooksFile(spec.folder)) })
  const { budgetUsd: _onlyForPrintMode, ...interactive } = spec
  return [`${spec.begin === 'new' ? '--session-id' : '--resume'}=${spec.conversationId}`, ...commonArguments(interactive, settings)]
}

export function hooksFile(folder: string): string {
  return join(folder, 'hooks.jsonl')
}

const followed = ['SessionStart', 'UserPromptSubmit', 'PostToolUse', 'PermissionRequest', 'Notification', 'Stop', 'SessionEnd']

export function hooksInto(file: string): Record<string, unknown> {
  const command = { type: 'command', command: appendCommand(file), timeout: 10 }
  return Object.fromEntries(followed.map((event) => [event, [{ hooks: [command] }]]))
}

/**
 * Appends the hook's JSON and the time as one line, without node (a start of it would cost 50 ms at every tool). Hooks run side by side,
 * so the line is made in a file of its own and copied by `dd` in one write. A line break inside JSON is only space between its parts.
 * Nothing is said and nothing fails: a full disk must not stop the person's session.
 */
export function appendCommand(file: string): string {
  return [
    `f=${quote(file)}`,
    't="$f.$$"',
    'umask 077',
    `{ printf '{"at":%s000,"hook":' "$(date +%s)"; tr -d '\\n'; printf '}\\n'; } > "$t" 2>/dev/null`,
    'dd if="$t" bs=16777216 >> "$f" 2>/dev/null',
    'rm -f "$t"',
    'exit 0',
  ].join('; ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
