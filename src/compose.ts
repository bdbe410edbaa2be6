import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { ClaudeAgent } from './adapters/claude-code/claude-agent.ts'
import { CommandAgent } from './adapters/command/command-agent.ts'
import { gitRadar } from './adapters/git/radar/radar.ts'
import { systemGit } from './adapters/git/repository.ts'
import { createJournalEngine } from './adapters/journal/journal-engine.ts'
import { notifiersFor } from './adapters/notify/notifiers.ts'
import { testReports } from './adapters/test-reports/test-reports.ts'
import type { LocalServices } from './cli/local-services.ts'
import type { Home } from './config/home.ts'
import type { Config } from './config/options.ts'
import { type Fleet, makeFleet } from './daemon/fleet.ts'
import { systemClock } from './platform/clock.ts'
import { uuid } from './platform/ids.ts'
import type { Agent } from './ports/agent.ts'

/** The only place that knows which adapter stands behind which port. */
export async function composeFleet(home: Home): Promise<Fleet> {
  const engine = createJournalEngine({ folder: home.journal, clock: systemClock })
  const agents = new Map<string, Agent>()
  return makeFleet({
    home,
    clock: systemClock,
    engine,
    git: systemGit,
    reporting: testReports,
    radar: gitRadar,
    agentOf: ({ settings }) => {
      const choice = { agent: settings.agent, claudePath: settings.claudePath ?? 'claude' }
      const agent = agents.get(JSON.stringify(choice)) ?? agentFor(choice)
      agents.set(JSON.stringify(choice), agent)
      return agent
    },
    notifiersFor: (config) => notifiersFor(config, { environment: process.env, cwd: home.root, now: () => systemClock.now() }),
    newId: uuid,
    stableId,
    cores: availableParallelism(),
  })
}

/** What commands do without the daemon. */
export function localServices(): LocalServices {
  return {
    git: systemGit,
    probeAgent: (config, environment) => agentFor(config).probe(environment),
    notifiersFor: (config, environment) => notifiersFor(config, { environment, cwd: process.cwd(), now: () => systemClock.now() }),
  }
}

function agentFor({ agent, claudePath }: Pick<Config, 'agent' | 'claudePath'>): Agent {
  if (typeof agent === 'object') return new CommandAgent({ argv: agent.command })
  // The name alone is looked up in the PATH of each session's own environment.
  return new ClaudeAgent(claudePath === 'claude' ? {} : { program: claudePath })
}

/** A version-5-shaped uuid of the text: the same text gives the same one. */
function stableId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
