import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import type { PermissionDecision, SessionEvent } from '../../domain/sessions/session-event.ts'
import type { SessionFacts } from '../../domain/sessions/session-facts.ts'
import type { Clock } from '../../platform/clock.ts'
import { hasEnded } from '../../platform/detached-process.ts'
import { ensurePrivateDirectory } from '../../platform/files.ts'
import { type Home, sessionFolder } from '../../config/home.ts'
import type { Agent, AgentSession, SessionMessage, SessionSpec } from '../../ports/agent.ts'
import type { Sessions } from '../../workflows/services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { News } from '../../workflows/news.ts'
import type { Environments } from '../services/environments.ts'
import { inTerminal, openLent } from '../attach/lent.ts'
import type { Outbox } from '../board/outbox.ts'
import { leftBy, LiveSession, onlyAsker } from './live-session.ts'
import { HandedOver } from '../exchange/handed-over.ts'
import type { ModelGate } from './model-gate.ts'
import { NewsLine, NewsTeller } from './news-teller.ts'
import { ProcessFacts } from './process-facts.ts'
import { conversationOf, keepPlan, listProcesses, loadPlan, processFolder, renderProcessName } from './process-folders.ts'
import type { ProcessName, ProcessPlan } from './process-folders.ts'
import type { Roster } from '../services/roster.ts'
import { sessionReport } from './session-report.ts'
import { sessionSpec } from './session-spec.ts'
import type { StartPermits } from './start-permits.ts'

export interface RegistryParts {
  readonly home: Home
  readonly clock: Clock
  readonly agentOf: (input: TaskInput) => Agent
  readonly environments: Environments
  readonly roster: Roster
  readonly gate: ModelGate
  readonly outbox: Outbox
  readonly permits: StartPermits
  readonly stableId: (text: string) => string
  readonly tell: (runId: string, news: News, key: string) => Promise<void>
  /** Between the beginning of a session and after every turn: what moved in the repository that should not have. */
  readonly audit: { begin(input: TaskInput): Promise<void>; check(input: TaskInput): Promise<void> }
  /** Whatever a session's record says, in its order. */
  readonly hear: (input: TaskInput, event: SessionEvent) => void
  /** Where this task's agent asks before it edits. */
  readonly editGuard: (input: TaskInput) => string | undefined
  readonly logError: (error: unknown) => void
}

/** All agent processes of this home, each bound to the run that waits for its news. */
export class SessionRegistry implements Sessions {
  readonly #parts: RegistryParts
  readonly #live = new Map<string, LiveSession>()
  readonly #opening = new Map<string, Promise<LiveSession>>()
  readonly #facts = new ProcessFacts()
  readonly #teller: NewsTeller

  constructor(parts: RegistryParts) {
    this.#parts = parts
    this.#teller = new NewsTeller(parts)
  }

  async ensure(input: TaskInput, attempt: number, signal: AbortSignal): ReturnType<Sessions['ensure']> {
    const { home } = this.#parts
    const names = await listProcesses(home, input.handle)
    const caughtUp = (name: ProcessName): Promise<LiveSession> => this.caughtUp(input, renderProcessName(name))
    const last = names.findLast((name) => name.attempt === attempt)
    if (last === undefined) {
      const { unread } = await leftBy(names, attempt, caughtUp)
      return { process: await this.#start(input, { attempt, number: 1 }, 'new', signal), isResumed: false, unread }
    }
    const process = renderProcessName(last)
    const live = await caughtUp(last)
    const isLive = live.facts.exit === undefined
    if (isLive && live.isLent) throw inTerminal(input.handle)
    if (isLive && live.wasSpokenTo) return { process, isResumed: false, unread: [] }
    const left = await leftBy(names, attempt, caughtUp)
    if (isLive) return { process, ...left }
    const next = { attempt, number: last.number + 1 }
    return { process: await this.#start(input, next, left.isResumed ? 'resume' : 'new', signal), ...left }
  }

  /** Its end may be on disk and not heard of yet, and what is said to a dead process is said to nobody. */
  async caughtUp(input: TaskInput, process: string): Promise<LiveSession> {
    const live = await this.#attach(input, process)
    await live.watch.session.caughtUp()
    return live
  }

  watch(input: TaskInput, process: string, runId: string): void {
    this.#attach(input, process).then(
      (live) => live.bind(runId),
      (error: unknown) => {
        // The run must hear that there is no session to wait for; it then looks for itself what is wrong.
        this.#parts.logError(error)
        void this.#teller.tellUntilHeard(runId, { kind: 'exited', process, exit: { kind: 'lost' } }, `${input.handle}/${process}#lost`)
      },
    )
  }

  async say(input: TaskInput, process: string, message: SessionMessage): Promise<'written' | 'gone'> {
    return (await this.#attach(input, process)).say(message)
  }

  async settle(input: TaskInput, process: string, requestId: string, decision: PermissionDecision): Promise<void> {
    await (await this.#attach(input, process)).settle(requestId, decision)
  }

  async interrupt(input: TaskInput, process: string): Promise<boolean> {
    return (await this.#attach(input, process)).interrupt()
  }

  /** Starts nothing: a process that was only planned has nothing to stop, and a person's own terminal is theirs. */
  async stop(input: TaskInput): Promise<void> {
    for (const name of await listProcesses(this.#parts.home, input.handle)) {
      const process = renderProcessName(name)
      const key = `${input.handle}/${process}`
      if (!this.#live.has(key) && hasEnded(processFolder(this.#parts.home, input.handle, process))) continue
      const live = await this.#find(input, process)
      if (live === undefined) continue
      await live.watch.session.stop()
      await this.#forget(key, live)
    }
  }

  /** A process that has ended needs no watching; its record is read again, should anybody ask. */
  async #forget(key: string, live: LiveSession): Promise<void> {
    await live.watch.session.caughtUp()
    await live.watch.settled()
    if (live.facts.exit === undefined) return
    live.detach()
    this.#live.delete(key)
  }

  /** A task that ended may begin anew under its name: what its sessions left is put aside, so that nothing of it is taken for the new one's. */
  async retire(input: TaskInput, generation: number): Promise<void> {
    await this.stop(input)
    const aside = join(sessionFolder(this.#parts.home, input.handle), 'past', String(generation))
    for (const name of await listProcesses(this.#parts.home, input.handle)) {
      const process = renderProcessName(name)
      const key = `${input.handle}/${process}`
      this.#live.get(key)?.detach()
      this.#live.delete(key)
      await ensurePrivateDirectory(aside)
      await rename(processFolder(this.#parts.home, input.handle, process), join(aside, process))
    }
    this.#facts.forget(input.handle)
  }

  /** Begins to read what a person's own terminal session tells by its hooks. A file that cannot be read costs what it told, not the fleet. */
  async followManual(input: TaskInput): Promise<void> {
    await this.#find(input, renderProcessName({ attempt: 1, number: 1 })).catch(this.#parts.logError)
  }

  async answer(requestId: string, decision: PermissionDecision): Promise<string | undefined> {
    const asker = onlyAsker(this.#live, requestId)
    await asker?.live.watch.session.answer(asker.request, decision)
    return asker?.handle
  }

  /** Whoever works there has read this message in its inbox. */
  async noteFiled(handle: string, id: string): Promise<void> {
    for (const [key, live] of this.#live) if (key.startsWith(`${handle}/`)) await live.noteFiled(id)
  }

  /** The newest process's record from its beginning. */
  async eventsOf(input: TaskInput): Promise<{ process: string; events: readonly SessionEvent[] }> {
    const last = (await listProcesses(this.#parts.home, input.handle)).at(-1)
    if (last === undefined) return { process: '', events: [] }
    const process = renderProcessName(last)
    const session = (await this.#find(input, process))?.watch.session
    await session?.caughtUp()
    return { process, events: session?.events ?? [] }
  }

  /** One look at all sessions: who has been silent for too long. */
  checkSilence(now: number, stallAfterMs: (handle: string) => number): void {
    for (const [key, live] of this.#live) if (!live.isLent) live.watch.checkSilence(now, stallAfterMs(key.slice(0, key.indexOf('/'))))
  }

  get liveCount(): number {
    return [...this.#live.values()].filter((live) => live.facts.exit === undefined).length
  }

  /** Resolves when every session that is being opened now is, with all of its record read. */
  async attached(): Promise<void> {
    await Promise.allSettled(this.#opening.values())
  }

  /** Lets go of all; the processes live on. */
  async close(): Promise<void> {
    this.#teller.close()
    for (const live of this.#live.values()) live.detach()
    this.#live.clear()
  }

  async #start(input: TaskInput, name: ProcessName, begin: 'new' | 'resume', signal: AbortSignal): Promise<string> {
    const process = renderProcessName(name)
    const conversationId = this.#parts.stableId(conversationOf(input, name.attempt))
    const release = await this.#parts.permits.take(signal)
    try {
      await keepPlan(this.#parts.home, input.handle, process, { begin, conversationId })
      const live = await this.#attach(input, process)
      live.releaseAtSignOfLife(release)
    } catch (error) {
      release()
      throw error
    }
    return process
  }

  #attach(input: TaskInput, process: string): Promise<LiveSession> {
    const key = `${input.handle}/${process}`
    const live = this.#live.get(key)
    if (live !== undefined) return Promise.resolve(live)
    const opening = this.#opening.get(key) ?? this.#open(input, process).finally(() => this.#opening.delete(key))
    this.#opening.set(key, opening)
    return opening
  }

  /** Undefined when nobody ever started this process. */
  async #find(input: TaskInput, process: string): Promise<LiveSession | undefined> {
    const key = `${input.handle}/${process}`
    const known = this.#live.get(key) ?? (await this.#opening.get(key))
    if (known !== undefined) return known
    const { home } = this.#parts
    const plan = await loadPlan(home, input.handle, process)
    if (plan === undefined) return undefined
    const folder = processFolder(home, input.handle, process)
    const session = await this.#parts.agentOf(input).attach(sessionSpec(input, plan, folder, {}, home))
    return session && (await this.#bind(input, process, session, plan.lentTo !== undefined))
  }

  async #open(input: TaskInput, process: string): Promise<LiveSession> {
    const { home } = this.#parts
    const plan = await loadPlan(home, input.handle, process)
    if (plan === undefined) throw new Failure('session-lost', `the folder of process ${process} of ${input.handle} has no plan`)
    const [spec] = await Promise.all([this.specOf(input, process, plan), this.#parts.audit.begin(input).catch(this.#parts.logError)])
    const agent = this.#parts.agentOf(input)
    const session = plan.lentTo === undefined ? await agent.open(spec) : await openLent(agent, spec, plan.lentTo.client)
    return this.#bind(input, process, session, plan.lentTo !== undefined)
  }

  /** What the process is started with. */
  async specOf(input: TaskInput, process: string, plan: ProcessPlan): Promise<SessionSpec> {
    const { home, environments, editGuard } = this.#parts
    const environment = await environments.load(input.environment)
    return sessionSpec(input, plan, processFolder(home, input.handle, process), environment, home, editGuard(input))
  }

  async #bind(input: TaskInput, process: string, session: AgentSession, isLent: boolean): Promise<LiveSession> {
    const key = `${input.handle}/${process}`
    const folder = processFolder(this.#parts.home, input.handle, process)
    const handed = await HandedOver.load(folder)
    // After the waits: another caller may have been faster.
    const faster = this.#live.get(key)
    if (faster !== undefined) {
      session.detach()
      return faster
    }
    const live = new LiveSession({
      key,
      session,
      process,
      handed,
      budget: this.#facts.budgetOf(input, process),
      now: this.#parts.clock.now(),
      news: new NewsLine(this.#teller),
      listener: {
        beforeTurnEnd: () => this.#beforeTurnEnd(input),
        event: (event) => {
          this.#parts.gate.note(event)
          this.#parts.hear(input, event)
        },
        changed: (facts) => this.#report(input, process, facts),
      },
      tellsRun: input.kind !== 'manual',
      isLent,
    })
    this.#live.set(key, live)
    await session.caughtUp()
    return live
  }

  /** What fails here is logged: the turn's end itself has to be told. */
  async #beforeTurnEnd(input: TaskInput): Promise<void> {
    const { outbox, audit, logError } = this.#parts
    await Promise.all([outbox.drain(input).catch(logError), audit.check(input).catch(logError)])
  }

  #report(input: TaskInput, process: string, facts: SessionFacts): void {
    const { roster, home } = this.#parts
    const processes = this.#facts.of(input.handle).set(process, facts)
    const report = sessionReport(processes, input.kind === 'manual' ? 'hook' : 'protocol', (each) =>
      processFolder(home, input.handle, each),
    )
    if (report !== undefined) roster.setSession(input.handle, report)
  }
}
