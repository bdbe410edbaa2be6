import { costUsd } from '../../domain/sessions/prices.ts'
import { evolve, initialFacts } from '../../domain/sessions/session-machine.ts'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import type { Json } from '../../foundation/json.ts'
import type { ReviewAnswer } from '../../domain/verification/answer.ts'
import { parseAnswer } from '../../domain/verification/parse-answer.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Agent, AgentSession, SessionSpec } from '../../ports/agent.ts'
import type { ModelGate } from '../sessions/model-gate.ts'
import type { StartPermits } from '../sessions/start-permits.ts'
import type { ReviewFolders, ReviewPlan } from './review-folders.ts'
import { endWords, outcomeOf, prospectOf, untilTurnEnds } from './review-turn.ts'

export interface ConversationParts {
  readonly clock: Clock
  readonly agent: Agent
  readonly gate: ModelGate
  readonly permits: StartPermits
  readonly folders: ReviewFolders
  readonly conversationId: string
  readonly stableId: (text: string) => string
  readonly specOf: (folder: string, plan: ReviewPlan) => SessionSpec
  readonly promptOf: (problem?: string) => string
  /** A session that says nothing for so long is ended and begun again. */
  readonly silenceMs: number
}

export type ConversationEnd =
  | { readonly kind: 'answered'; readonly answer: ReviewAnswer; readonly costUsd: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly costUsd: number }

/** An answer that cannot be used is asked for once more. */
const ROUNDS = 2
/** Processes that may end without a turn's end, or with one that says nothing. */
const MOST_DEATHS = 3

type RoundEnd = { readonly kind: 'answered'; readonly structured: Json | undefined } | { readonly kind: 'failed'; readonly reason: string }

/**
 * One review, over as many processes as it takes. A process hears one message a round and is followed by another when it ends without an
 * answer. Everything is read from the processes' own records, so after a crash it goes on where it was.
 */
export class ReviewConversation {
  readonly #parts: ConversationParts
  readonly #sessions = new Map<number, AgentSession>()

  constructor(parts: ConversationParts) {
    this.#parts = parts
  }

  async untilAnswered(signal: AbortSignal): Promise<ConversationEnd> {
    let problem: string | undefined
    for (let round = 1; round <= ROUNDS; round += 1) {
      const end = await this.#round(round, this.#parts.promptOf(problem), signal)
      if (end.kind === 'failed') return { ...end, costUsd: this.#costUsd() }
      const parsed = parseAnswer(end.structured)
      if (parsed.kind === 'answer') return { kind: 'answered', answer: parsed.answer, costUsd: this.#costUsd() }
      problem = parsed.problem
    }
    return { kind: 'failed', reason: `its answer could not be used: ${problem}`, costUsd: this.#costUsd() }
  }

  /** Ends every process of it, also those that an earlier daemon left. */
  async stop(): Promise<void> {
    for (const number of await this.#parts.folders.processes()) await (await this.#find(number))?.stop()
  }

  /** The processes live on. */
  detach(): void {
    for (const session of this.#sessions.values()) session.detach()
    this.#sessions.clear()
  }

  async #round(round: number, text: string, signal: AbortSignal): Promise<RoundEnd> {
    const before = await this.#endBefore(round)
    if (before !== undefined) return before
    for (let deaths = 0; ;) {
      const number = await this.#processFor(round)
      const session = await this.#open(number, signal)
      const id = this.#messageId(round, number)
      await this.#say(session, { id, text }, signal)
      const end = await untilTurnEnds(session, id, { clock: this.#parts.clock, silenceMs: this.#parts.silenceMs, signal })
      if (end.kind === 'completed') return { kind: 'answered', structured: end.structured }
      await session.stop()
      await session.caughtUp()
      const prospect = prospectOf(end)
      if (prospect === 'hopeless') return { kind: 'failed', reason: endWords(end) }
      if (prospect === 'death') deaths += 1
      if (deaths >= MOST_DEATHS) return { kind: 'failed', reason: `${endWords(end)}, ${deaths} times` }
    }
  }

  /** An answer that an earlier daemon did not live to hear. */
  async #endBefore(round: number): Promise<RoundEnd | undefined> {
    for (const number of await this.#parts.folders.processes()) {
      const session = await this.#find(number)
      const end = session && outcomeOf(session.events, this.#messageId(round, number))
      if (end?.kind === 'completed') return { kind: 'answered', structured: end.structured }
    }
    return undefined
  }

  /** The newest, as long as it can still answer in this round; else the one after it. */
  async #processFor(round: number): Promise<number> {
    const last = (await this.#parts.folders.processes()).at(-1)
    if (last === undefined) return 1
    const session = await this.#find(last)
    await session?.caughtUp()
    return session === undefined || outcomeOf(session.events, this.#messageId(round, last)) === undefined ? last : last + 1
  }

  async #say(session: AgentSession, message: { id: string; text: string }, signal: AbortSignal): Promise<void> {
    if (session.events.some((event) => event.type === 'message-received' && event.messageId === message.id)) return
    await this.#passGate(signal)
    // Whoever is gone by now is found out by its end.
    await session.send({ ...message, when: 'next-turn' }).catch(() => undefined)
  }

  async #passGate(signal: AbortSignal): Promise<void> {
    const { gate, clock } = this.#parts
    for (let back = await gate.enter(signal); back !== undefined; back = await gate.enter(signal)) {
      await clock.wait(Math.max(0, back.until - clock.now()), signal)
    }
  }

  async #open(number: number, signal: AbortSignal): Promise<AgentSession> {
    const known = this.#sessions.get(number)
    if (known !== undefined) return known
    const { folders, permits, agent, specOf, conversationId } = this.#parts
    const planned = await folders.loadPlan(number)
    const plan = planned ?? ({ begin: number === 1 ? 'new' : 'resume', conversationId } as const)
    if (planned === undefined) await this.#passGate(signal)
    const release = await permits.take(signal)
    try {
      if (planned === undefined) await folders.keepPlan(number, plan)
      const session = await agent.open(specOf(folders.process(number), plan))
      session.onEvents((fresh) => fresh.some(isSignOfLife) && release())
      return await this.#follow(number, session, release)
    } catch (error) {
      release()
      throw error
    }
  }

  async #find(number: number): Promise<AgentSession | undefined> {
    const known = this.#sessions.get(number)
    if (known !== undefined) return known
    const { folders, agent, specOf } = this.#parts
    const plan = await folders.loadPlan(number)
    const session = plan && (await agent.attach(specOf(folders.process(number), plan)))
    return session && this.#follow(number, session)
  }

  /** Nobody is there to give leave, so what it asks for is refused. */
  async #follow(number: number, session: AgentSession, release?: () => void): Promise<AgentSession> {
    const { gate } = this.#parts
    const hear = (event: SessionEvent): void => {
      gate.note(event)
      if (event.type === 'permission-asked')
        void session.answer(event.request, { kind: 'deny', reason: 'a reviewer only reads' }).catch(() => undefined)
    }
    this.#sessions.set(number, session)
    session.onEvents((fresh) => fresh.forEach(hear))
    session.events.forEach(hear)
    await session.caughtUp()
    if (session.events.some(isSignOfLife)) release?.()
    return session
  }

  #messageId(round: number, number: number): string {
    return this.#parts.stableId(`${this.#parts.conversationId} round ${round} process ${number}`)
  }

  #costUsd(): number {
    const facts = [...this.#sessions.values()].map(({ events }) => events.reduce(evolve, initialFacts()))
    return facts.reduce((sum, { ledger }) => sum + costUsd(ledger), 0)
  }
}

function isSignOfLife({ type }: SessionEvent): boolean {
  return type === 'started' || type === 'turn-started' || type === 'exited'
}
