import { Failure } from '../../foundation/failure.ts'
import type { PermissionDecision, PermissionRequest, SessionEvent } from '../../domain/sessions/session-event.ts'
import type { SessionFacts } from '../../domain/sessions/session-facts.ts'
import { openRequests } from '../../domain/sessions/session-phase.ts'
import { plainLine } from '../../foundation/text.ts'
import type { AgentSession, SessionMessage } from '../../ports/agent.ts'
import type { HandedOver } from '../exchange/handed-over.ts'
import type { NewsLine } from './news-teller.ts'
import type { ProcessName } from './process-folders.ts'
import { SessionWatch, type Budget, type WatchListener } from './session-watch.ts'

export interface LiveSessionParts {
  /** `<handle>/<process>`: news carries it, so that told twice it is the same news. */
  readonly key: string
  readonly session: AgentSession
  readonly process: string
  readonly handed: HandedOver
  readonly budget: Budget | undefined
  readonly now: number
  readonly news: NewsLine
  readonly listener: Omit<WatchListener, 'news'>
  /** False where the run waits for what the person says, not for turns. */
  readonly tellsRun: boolean
  /** In a person's terminal: nobody speaks to it from here. */
  readonly isLent: boolean
}

/** One agent process that is watched: its record, what it was sent, and the run that hears of it. */
export class LiveSession {
  readonly watch: SessionWatch
  readonly isLent: boolean
  readonly #news: NewsLine
  readonly #handed: HandedOver
  #release: () => void = () => undefined

  constructor({ key, news, listener, tellsRun, isLent, ...watched }: LiveSessionParts) {
    this.isLent = isLent
    this.#news = news
    this.#handed = watched.handed
    this.watch = new SessionWatch({
      ...watched,
      listener: {
        news: async (what, number) => (tellsRun ? news.tell(what, `${key}#${number}`) : undefined),
        beforeTurnEnd: () => listener.beforeTurnEnd(),
        event: (event) => {
          listener.event(event)
          if (isSignOfLife(event)) this.#release()
        },
        changed: (facts) => listener.changed(facts),
      },
    })
  }

  get facts(): SessionFacts {
    return this.watch.facts
  }

  /** What waits for an answer under this id; a process that has ended can be answered nothing. */
  requestOf(id: string): PermissionRequest | undefined {
    return this.facts.exit === undefined && !this.facts.answered.has(id) ? this.facts.asked.get(id) : undefined
  }

  async settle(requestId: string, decision: PermissionDecision): Promise<void> {
    const request = this.requestOf(requestId)
    if (request !== undefined) await this.watch.session.answer(request, decision)
  }

  get wasSpokenTo(): boolean {
    return this.#handed.sent.size > 0
  }

  /** For the process after it: whether there is a conversation to go on with, and what of it was cut off, messages that were handed over and not read too. */
  get left(): { isResumed: boolean; interrupted?: string; unread: readonly string[] } {
    const { startedAt, received } = this.facts
    const unread = [...this.#handed.sent].filter((id) => !received.has(id) && !this.#handed.filed.has(id))
    const interrupted = this.#interrupted()
    return { isResumed: startedAt !== undefined || received.size > 0, unread, ...(interrupted !== undefined && { interrupted }) }
  }

  /** What was cut off in the middle, in words for the agent; undefined when the process ended between turns. */
  #interrupted(): string | undefined {
    const { tools, turn } = this.facts
    // What still waited for its permission never ran.
    const asked = openRequests(this.facts).map(({ summary }) => summary)
    const torn = [...tools.values()].filter(({ summary }) => !asked.includes(summary))
    if (torn.length > 0) return torn.map(({ tool, summary }) => `${tool}: ${summary}`).join('\n')
    return turn.kind === 'running' ? '' : undefined
  }

  /** From here on this run hears the news, those first that came before anyone listened. */
  bind(runId: string): void {
    this.#news.bind(runId)
  }

  async say(message: SessionMessage): Promise<'written' | 'gone'> {
    // It may have taken it as a file before it ended.
    if (this.facts.exit !== undefined) return this.#handed.filed.has(message.id) ? 'written' : 'gone'
    try {
      // Both before the run records that it was said: after a power loss nobody would say it again.
      await Promise.all([this.#handed.noteSent(message.id), this.watch.session.send(message)])
      return 'written'
    } catch (error) {
      if (error instanceof Failure && error.code === 'session-gone') return 'gone'
      throw error
    }
  }

  /** It has read this message in its inbox: nobody waits until it is heard. */
  async noteFiled(id: string): Promise<void> {
    await this.#handed.noteFiled(id)
  }

  /** Whether there was a turn to interrupt. */
  async interrupt(): Promise<boolean> {
    const { exit, turn } = this.facts
    if (exit !== undefined) return false
    await this.watch.session.interrupt()
    return turn.kind === 'running'
  }

  /** Gives a start permit back when the process shows that it lives, or has ended. */
  releaseAtSignOfLife(release: () => void): void {
    if (this.facts.exit === undefined && this.facts.startedAt === undefined) this.#release = release
    else release()
  }

  detach(): void {
    this.watch.detach()
    this.#news.close()
  }
}

/**
 * By the last process that was spoken to: one after it was started by a daemon that died before it could say what had been cut off. What a person
 * said since in their terminal has settled what was cut off before.
 */
export async function leftBy(
  names: readonly ProcessName[],
  attempt: number,
  caughtUp: (name: ProcessName) => Promise<LiveSession>,
): Promise<LiveSession['left']> {
  let isTouched = false
  for (const name of names.toReversed()) {
    const { isLent, wasSpokenTo, left, facts } = await caughtUp(name)
    isTouched ||= isLent && name.attempt === attempt && facts.turn.kind !== 'none'
    if (!wasSpokenTo) continue
    // Of an earlier conversation only what it did not read.
    return name.attempt === attempt && !isTouched ? left : { isResumed: isTouched, unread: left.unread }
  }
  return { isResumed: isTouched, unread: [] }
}

function isSignOfLife({ type }: SessionEvent): boolean {
  return type === 'started' || type === 'turn-started' || type === 'exited'
}

/** Who waits for an answer under this id. Failure `ambiguous-request` where several do. */
export function onlyAsker(
  sessions: ReadonlyMap<string, LiveSession>,
  requestId: string,
): { handle: string; live: LiveSession; request: PermissionRequest } | undefined {
  const askers = [...sessions].flatMap(([key, live]) => {
    const request = live.requestOf(requestId)
    return request === undefined ? [] : [{ handle: key.slice(0, key.indexOf('/')), live, request }]
  })
  const [asker, ...others] = askers
  if (others.length > 0) throw ambiguousRequest(requestId, askers)
  return asker
}

/** An agent makes its own ids, and two may have made the same one. */
export function ambiguousRequest(id: string, askers: readonly { handle: string }[]): Failure {
  const handles = askers.map(({ handle }) => handle)
  return new Failure('ambiguous-request', `several sessions wait for an answer under "${plainLine(id, 80)}": ${handles.join(', ')}`, {
    safe: 'no tool was allowed or denied',
    next: `orch stop ${handles[0]}, and have the agent use ids that no other session uses`,
  })
}
