/**
 * The environment of a session: the caller's, without what a Claude Code round us (orch itself may be run by one) left in it.
 * With those names a child takes itself for a part of that session, talks to its socket, and writes into its notes.
 * Everything a user sets on purpose (keys, endpoints, providers, switches) stays as it is. `asksOrch`: it has hooks that call the daemon.
 */
export function sessionEnvironment(environment: Readonly<Record<string, string>>, asksOrch = false): Record<string, string> {
  const kept = Object.fromEntries(Object.entries(environment).filter(([name]) => !leftovers.has(name)))
  return { ...defaults, ...kept, ...(asksOrch && pastProxies(kept)) }
}

/** What a session asks orch is for this machine: through a proxy it would leave it, and not be answered. Claude Code sends it there unless told. */
function pastProxies(environment: Readonly<Record<string, string>>): Record<string, string> {
  if (!Object.keys(environment).some((name) => /^(?:https?|all)_proxy$/i.test(name))) return {}
  const { NO_PROXY: upper, no_proxy: lower } = environment
  const around = (known: string | undefined): string => (known === undefined || known === '' ? LOOPBACK : `${known},${LOOPBACK}`)
  return { NO_PROXY: around(upper ?? lower), no_proxy: around(lower ?? upper) }
}

const LOOPBACK = '127.0.0.1'

const leftovers = new Set([
  'AI_AGENT',
  'CLAUDECODE',
  'CLAUDE_CODE_CHILD_NOTES_DIR',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_EXECPATH',
  'CLAUDE_CODE_MESSAGING_SOCKET',
  'CLAUDE_CODE_MESSAGING_TOKEN',
  'CLAUDE_CODE_REMOTE',
  'CLAUDE_CODE_SESSION_ATTENDED',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_SSE_PORT',
  'CLAUDE_EFFORT',
  'CLAUDE_ENV_FILE',
  'CLAUDE_PID',
  'CLAUDE_PLUGIN_DATA',
  'CLAUDE_PLUGIN_ROOT',
  'CLAUDE_PROJECT_DIR',
])

const defaults = {
  // Fifty sessions that each try ten times make an overload worse; the fleet waits together instead.
  CLAUDE_CODE_MAX_RETRIES: '3',
  // A stop hook that blocks while messages wait must not be overruled after the eighth message.
  CLAUDE_CODE_STOP_HOOK_BLOCK_CAP: '0',
  // A fleet of one version: none replaces the program under the others.
  DISABLE_AUTOUPDATER: '1',
}
