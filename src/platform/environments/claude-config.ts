import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the Claude Code of this environment keeps its settings, login, plugins and transcripts. */
export function claudeConfigFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['CLAUDE_CONFIG_DIR'] ?? join(environment['HOME'] ?? homedir(), '.claude')
}

/** What orch's plugin for people is called where it is installed from this repository: `.claude-plugin/marketplace.json`. */
export const PERSONS_PLUGIN = 'orch@orch'
