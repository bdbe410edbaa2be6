import { access } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { claudeConfigFolder } from '../../platform/environments/claude-config.ts'

/** What can be known without asking a model; on macOS the login may lie in the keychain, which asks the person when it is read. */
export async function findLogin(
  environment: Readonly<Record<string, string>>,
  system: string = platform(),
): Promise<'present' | 'unknown' | 'absent'> {
  if (loginNames.some((name) => environment[name])) return 'present'
  const folder = claudeConfigFolder(environment)
  if (await exists(join(folder, '.credentials.json'))) return 'present'
  if (system === 'darwin') return 'unknown'
  // A settings file may name a helper program that makes the key.
  return (await exists(join(folder, 'settings.json'))) ? 'unknown' : 'absent'
}

const loginNames = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
]

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
