import type { Agent } from '../../ports/agent.ts'
import type { Manual } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { SessionRegistry } from './session-registry.ts'

/** What a person types to work on a task in their own terminal; from then on its hooks are read. */
export class ManualCommands implements Manual {
  readonly #sessions: SessionRegistry
  readonly #agentOf: (input: TaskInput) => Agent

  constructor(sessions: SessionRegistry, agentOf: (input: TaskInput) => Agent) {
    this.#sessions = sessions
    this.#agentOf = agentOf
  }

  async command(input: TaskInput): Promise<{ command: string; again: string }> {
    const spec = await this.#sessions.manualSpec(input)
    const { argv, again } = await this.#agentOf(input).manualCommand(spec)
    await this.#sessions.followManual(input)
    return { command: typedIn(input.worktree, argv), again: typedIn(input.worktree, again) }
  }
}

/** One line for a shell. */
export function typedIn(folder: string, argv: readonly string[]): string {
  return `cd ${quote(folder)} && ${argv.map(quote).join(' ')}`
}

function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
