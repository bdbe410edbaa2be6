import type { Home } from '../../config/home.ts'
import { isSameProcess } from '../../platform/process-identity.ts'
import type { Agent, TerminalCommand } from '../../ports/agent.ts'
import type { Legacy, Refusal, Terminals as TerminalsPort } from '../../workflows/attach/terminals.ts'
import type { AttachRequest } from '../../workflows/news.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import {
  conversationOf,
  keepPlan,
  listProcesses,
  loadPlan,
  renderProcessName,
  type ProcessName,
  type ProcessPlan,
} from '../sessions/process-folders.ts'
import type { SessionRegistry } from '../sessions/session-registry.ts'

export interface TerminalsParts {
  readonly home: Home
  readonly sessions: Pick<SessionRegistry, 'caughtUp' | 'stop' | 'specOf'>
  readonly agentOf: (input: TaskInput) => Agent
  readonly stableId: (text: string) => string
}

type Planned = { readonly name: ProcessName; readonly plan: ProcessPlan }

/** Which processes of tasks run in a person's terminal, by their plans. */
export class Terminals implements TerminalsPort {
  readonly #parts: TerminalsParts
  readonly #refusals = new Map<string, Refusal>()

  constructor(parts: TerminalsParts) {
    this.#parts = parts
  }

  async lend(input: TaskInput, attempt: number, { by, client }: AttachRequest): ReturnType<TerminalsPort['lend']> {
    const known = await this.#plannedFor(input, by)
    // Planned and over before anybody was told: its client has gone, or it has had its turn.
    if (known !== undefined) return this.#begun(input, renderProcessName(known.name))
    if ((await isSameProcess(client)) === 'dead') return { kind: 'gone' }
    const { home, sessions, stableId } = this.#parts
    await sessions.stop(input)
    const last = (await listProcesses(home, input.handle)).findLast((name) => name.attempt === attempt)
    const process = renderProcessName({ attempt, number: (last?.number ?? 0) + 1 })
    const conversationId = stableId(conversationOf(input, attempt))
    await keepPlan(home, input.handle, process, { begin: 'resume', conversationId, lentTo: { by, client } })
    return this.#begun(input, process)
  }

  async #begun(input: TaskInput, process: string): ReturnType<TerminalsPort['lend']> {
    const { facts } = await this.#parts.sessions.caughtUp(input, process)
    return facts.exit === undefined ? { kind: 'lent', process } : { kind: 'gone' }
  }

  refuse(by: string, why: Refusal): void {
    this.#refusals.set(by, why)
  }

  refusalOf(by: string): Refusal | undefined {
    return this.#refusals.get(by)
  }

  async takeBack(input: TaskInput, process: string): Promise<Legacy> {
    const live = await this.#parts.sessions.caughtUp(input, process)
    await live.watch.session.stop()
    await live.watch.session.caughtUp()
    const { turn } = live.facts
    return { isTouched: turn.kind !== 'none', isTorn: turn.kind === 'running' }
  }

  /** What the client of this request is to run; undefined where nothing was lent to it. */
  async commandFor(input: TaskInput, by: string): Promise<TerminalCommand | undefined> {
    const known = await this.#plannedFor(input, by)
    if (known?.plan.lentTo === undefined) return undefined
    const spec = await this.#parts.sessions.specOf(input, renderProcessName(known.name), known.plan)
    return this.#parts.agentOf(input).lend?.(spec, known.plan.lentTo.client)
  }

  async #plannedFor({ handle }: TaskInput, by: string): Promise<Planned | undefined> {
    const { home } = this.#parts
    for (const name of (await listProcesses(home, handle)).toReversed()) {
      const plan = await loadPlan(home, handle, renderProcessName(name))
      if (plan?.lentTo?.by === by) return { name, plan }
    }
    return undefined
  }
}
