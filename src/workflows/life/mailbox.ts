import type { Json, Run } from '../../ports/engine.ts'
import { NEWS, type News } from '../news.ts'
import { Discarded, LandedWith } from './ending.ts'

export type Message = { readonly id: string; readonly text: string; readonly when: 'steer' | 'next-turn' }
/** What a person said while orch itself was at work: it comes before what orch would do next. */
export type Halt = Extract<News, { kind: 'pause' | 'stop' | 'message' }>
/** What ends a wait for the person before they answer: another word of theirs, or mail that the session has to hear. */
export type Interruption = Halt | { readonly kind: 'woken' }

/** A task's news, in order. What is read while something else is waited for is kept for later; giving the task up ends every wait, and so does its landing with others. */
export class Mailbox {
  readonly #run: Run
  readonly #onReceived: (news: News) => void
  readonly #deferred: News[] = []
  /** Said by a person while there was no session to hear it. */
  readonly #kept: Message[] = []

  /** `onReceived` is called for each the moment it is read, also when it is kept for later. */
  constructor(run: Run, onReceived: (news: News) => void) {
    this.#run = run
    this.#onReceived = onReceived
  }

  /** What was kept for later first; undefined when none came within `timeoutMs`. */
  async next(timeoutMs?: number): Promise<News | undefined> {
    return this.#deferred.shift() ?? (await this.receive(timeoutMs))
  }

  /** The next that arrives, past what was kept for later. */
  async receive(timeoutMs?: number): Promise<News | undefined> {
    const news = await this.#run.recv<News & Json>(NEWS, timeoutMs)
    if (news?.kind === 'discard') throw new Discarded(news.reason)
    if (news?.kind === 'landed-with') throw new LandedWith(news.commit)
    if (news !== null) this.#onReceived(news)
    return news ?? undefined
  }

  defer(news: News): void {
    this.#deferred.push(news)
  }

  /** What a person said meanwhile, without waiting for it. */
  async halt(): Promise<Halt | undefined> {
    for (let news = await this.receive(0); news !== undefined; news = await this.receive(0)) this.defer(news)
    return this.takeHalt()
  }

  takeHalt(): Halt | undefined {
    const at = this.#deferred.findIndex(isHalt)
    return at < 0 ? undefined : this.#deferred.splice(at, 1).find(isHalt)
  }

  keep(message: Message): void {
    this.#kept.push({ id: message.id, text: message.text, when: message.when })
  }

  takeKept(): Message | undefined {
    return this.#kept.shift()
  }
}

function isHalt(news: News): news is Halt {
  return news.kind === 'pause' || news.kind === 'stop' || news.kind === 'message'
}
