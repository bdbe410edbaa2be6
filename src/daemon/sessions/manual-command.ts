import type { Home } from '../../config/home.ts'
import type { Agent, SessionSpec } from '../../ports/agent.ts'
import type { Manual } from '../../workflows/services.ts'
import { commandLine, shellWord } from '../../foundation/shell.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Environments } from '../services/environments.ts'
import { conversationOf, keepPlan, loadPlan, processFolder, renderProcessName } from './process-folders.ts'
import { sessionSpec } from './session-spec.ts'

export interface ManualParts {
  readonly home: Home
  readonly environments: Environments
  readonly agentOf: (input: TaskInput) => Agent
  readonly stableId: (text: string) => string
  readonly follow: (input: TaskInput) => Promise<void>
}

/** What a person types to work on a task in their own terminal; from then on its hooks are read. */
export class ManualCommands implements Manual {
  readonly #parts: ManualParts

  constructor(parts: ManualParts) {
    this.#parts = parts
  }

  async command(input: TaskInput): Promise<{ command: string; again: string }> {
    const { argv, again } = await this.#parts.agentOf(input).manualCommand(await this.#spec(input))
    await this.#parts.follow(input)
    // A conversation that is there already is never begun: it can only be opened again.
    const first = input.conversation === undefined ? argv : again
    return { command: typedIn(input.worktree, first), again: typedIn(input.worktree, again) }
  }

  /** With the folder in which its hooks tell what happens. */
  async #spec(input: TaskInput): Promise<SessionSpec> {
    const { home, environments, stableId } = this.#parts
    const process = renderProcessName({ attempt: 1, number: 1 })
    const conversationId = input.conversation ?? stableId(conversationOf(input, 1))
    const plan = (await loadPlan(home, input.handle, process)) ?? { begin: 'new', conversationId }
    await keepPlan(home, input.handle, process, plan)
    return sessionSpec(input, plan, processFolder(home, input.handle, process), await environments.load(input.environment), home)
  }
}

/** One line for a shell. */
export function typedIn(folder: string, argv: readonly string[]): string {
  return `cd ${shellWord(folder)} && ${commandLine(argv)}`
}
