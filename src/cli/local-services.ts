import type { Config } from '../config/options.ts'
import type { AgentProbe } from '../ports/agent.ts'
import type { Git } from '../ports/git.ts'
import type { Notifier } from '../ports/notifier.ts'

/** The adapters that `init` and `doctor` need. compose.ts makes them, because it alone knows adapters; main.ts imports it only when a command asks. */
export interface LocalServices {
  readonly git: Git
  /** The agent that this configuration names. Never throws. */
  probeAgent(config: Pick<Config, 'agent' | 'claudePath'>, environment: Readonly<Record<string, string>>): Promise<AgentProbe>
  /** What tells the person without a terminal, as they have configured it. */
  notifiersFor(config: Config, environment: Readonly<Record<string, string | undefined>>): readonly Notifier[]
}
