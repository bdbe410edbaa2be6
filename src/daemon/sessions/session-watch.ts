import { evolve, initialFacts } from '../../domain/sessions/session-machine.ts'
import type { SessionEvent, SessionExit, TurnOutcome } from '../../domain/sessions/session-event.ts'
import type { SessionFacts } from '../../domain/sessions/session-facts.ts'
import { costUsd } from '../../domain/sessions/prices.ts'
import type { AgentSession } from '../../ports/agent.ts'
import type { News } from '../../workflows/news.ts'
import type { HandedOver } from '../exchange/handed-over.ts'

/** What lies between two looks counts no longer than this. */
const LONGEST_STEP_MS = 60_000

/** What one process may spend; a person who lets the task go on after that grants as much again. */
export interface Budget {
  readonly usd: number
  spentBefore(): number
}

export interface WatchListener {
  /** Called in the order of the record; the key is the same at every replay. */
  news(news: News, key: string): Promise<void>
  /** Before a turn's end is told: what the agent declared in that turn comes first. */
  beforeTurnEnd(): Promise<void>
  event(event: SessionEvent): void
  changed(facts: SessionFacts): void
}

/** Turns one process's record into facts and news. Replaying the record gives the same news under the same keys. */
export class SessionWatch {
  readonly session: AgentSession
  readonly process: string
  readonly #handed: Pick<HandedOver, 'sent' | 'filed'>
  readonly #listener: WatchListener
  readonly #budget: Budget | undefined
  readonly #openedAt: number
  #facts: SessionFacts = initialFacts()
  #count = 0
  /** Since the event of this number. */
  #silence: { count: number; lookedAt: number; ms: number } | undefined
  #budgetsTold = 0
  /** A turn's end that was not the end, because a sub-agent worked on or a message waited. */
  #openEnd: { outcome: TurnOutcome; index: number } | undefined
  #telling: Promise<void> = Promise.resolve()
  #stop: () => void

  constructor(options: {
    session: AgentSession
    process: string
    handed: Pick<HandedOver, 'sent' | 'filed'>
    listener: WatchListener
    budget: Budget | undefined
    now: number
  }) {
    this.session = options.session
    this.process = options.process
    this.#handed = options.handed
    this.#listener = options.listener
    this.#budget = options.budget
    this.#openedAt = options.now
    this.#take(options.session.events)
    this.#stop = options.session.onEvents((fresh) => this.#take(fresh))
  }

  get facts(): SessionFacts {
    return this.#facts
  }

  /** No output for this long where there should be some: told once, and again when it has lasted as long again. */
  checkSilence(now: number, stallAfterMs: number): void {
    const silentMs = this.#countSilence(now)
    if (silentMs < stallAfterMs) return
    const times = Math.floor(silentMs / stallAfterMs)
    if (this.#openEnd !== undefined && this.#facts.phase.kind === 'idle') {
      // The sub-agents ended and no turn followed: then that turn's end was the end.
      this.#tellEnd(this.#openEnd.outcome, `${this.#openEnd.index} after silence`)
      this.#openEnd = undefined
    } else this.#tell({ kind: 'stalled', process: this.process }, `stalled@${this.#count}.${times}`)
  }

  /** Counted from look to look: a clock that was set, or a machine that slept, is no silence of the session's. */
  #countSilence(now: number): number {
    const since = this.#silentSince()
    if (since === undefined) {
      this.#silence = undefined
      return 0
    }
    const known = this.#silence?.count === this.#count ? this.#silence : { count: this.#count, lookedAt: since, ms: 0 }
    const from = this.#facts.phase.kind === 'retrying' ? Math.max(known.lookedAt, since) : known.lookedAt
    const ms = known.ms + Math.min(Math.max(0, now - from), LONGEST_STEP_MS)
    this.#silence = { count: this.#count, lookedAt: now, ms }
    return ms
  }

  /** Undefined while silence is in order. */
  #silentSince(): number | undefined {
    const { phase, lastOutputAt = this.#openedAt } = this.#facts
    switch (phase.kind) {
      case 'working':
      case 'starting':
        return lastOutputAt
      case 'retrying':
        return Math.max(lastOutputAt, phase.until)
      case 'idle':
        return this.#openEnd === undefined && this.#hasReadAll() ? undefined : lastOutputAt
      default:
        return undefined
    }
  }

  /** Resolves when everything of the record so far was told. */
  async settled(): Promise<void> {
    await this.#telling
  }

  detach(): void {
    this.#stop()
    this.session.detach()
  }

  #take(events: readonly SessionEvent[]): void {
    for (const event of events) {
      this.#facts = evolve(this.#facts, event)
      this.#listener.event(event)
      this.#hear(event, this.#count++)
      if (event.type === 'usage' || event.type === 'usage-total') this.#checkBudget()
    }
    this.#listener.changed(this.#facts)
  }

  #hear(event: SessionEvent, index: number): void {
    if (event.type === 'exited') this.#tellExit(event.exit, index)
    if (event.type === 'permission-asked')
      this.#tell({ kind: 'leave-asked', process: this.process, request: event.request }, `asked ${index}`)
    if (event.type === 'permission-answered')
      this.#tell({ kind: 'leave-answered', process: this.process, request: event.requestId }, `answered ${index}`)
    if (event.type !== 'turn-ended') return
    const isOver = this.#isOver(event)
    this.#openEnd = isOver ? undefined : { outcome: event.outcome, index }
    if (isOver) this.#tellEnd(event.outcome, `${index}`)
  }

  #tellEnd(outcome: TurnOutcome, key: string): void {
    const end = this.#turnEnd(outcome)
    this.#telling = this.#telling.then(() => this.#listener.beforeTurnEnd())
    this.#tell(end, key)
  }

  /** A program that ends with its turn may have taken what it was sent as files: then its turn's end was the end. */
  #tellExit(exit: SessionExit, index: number): void {
    const end = this.#openEnd
    if (end !== undefined && end.index === index - 1 && this.#facts.subagents === 0) {
      const unread = this.#unread()
      const isOver = (): boolean => unread.every((id) => this.#handed.filed.has(id))
      this.#telling = this.#telling.then(() => this.#listener.beforeTurnEnd())
      this.#telling = this.#telling.then(() => (isOver() ? this.#listener.news(this.#turnEnd(end.outcome), `${end.index}`) : undefined))
    }
    this.#tell({ kind: 'exited', process: this.process, exit }, `${index}`)
  }

  #turnEnd(outcome: TurnOutcome): News {
    return { kind: 'turn-ended', process: this.process, outcome, heard: [...this.#facts.received, ...this.#handed.filed] }
  }

  /** A turn's end is the end only when no sub-agent works on and no message of ours still waits to be read. */
  #isOver(event: Extract<SessionEvent, { type: 'turn-ended' }>): boolean {
    if (event.outcome.kind !== 'completed') return true
    return this.#facts.subagents === 0 && this.#hasReadAll()
  }

  #hasReadAll(): boolean {
    return this.#unread().length === 0
  }

  #unread(): readonly string[] {
    return [...this.#handed.sent].filter((id) => !this.#facts.received.has(id))
  }

  /** After each event, not each piece of the record: how it was cut into pieces must not show in what is told. */
  #checkBudget(): void {
    if (this.#budget === undefined || this.#facts.exit !== undefined) return
    const spent = costUsd(this.#facts.ledger)
    if (spent < this.#budget.usd * (this.#budgetsTold + 1)) return
    this.#budgetsTold = Math.floor(spent / this.#budget.usd)
    this.#tell(
      { kind: 'over-budget', process: this.process, costUsd: spent + this.#budget.spentBefore() },
      `over-budget.${this.#budgetsTold}`,
    )
  }

  #tell(news: News, key: string): void {
    this.#telling = this.#telling.then(() => this.#listener.news(news, key))
  }
}
