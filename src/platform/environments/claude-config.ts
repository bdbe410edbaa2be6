import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the Claude Code of this environment keeps its settings, login, plugins and transcripts. */
export function claudeConfigFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['CLAUDE_CONFIG_DIR'] ?? join(environment['HOME'] ?? homedir(), '.claude')
}
