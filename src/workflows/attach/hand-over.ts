import type { AttachRequest, News } from '../news.ts'
import type { TaskLife } from '../life/task-life.ts'
import { held, type Held, type Lent, type TalkEnd } from '../talk/talk-end.ts'

/** What the hand-over sees of a talk. */
export interface Handed {
  readonly isIdle: boolean
  hasHeardAll(heard: readonly string[]): boolean
  hear(news: News): Promise<TalkEnd | undefined>
}

/** So long an interrupted turn may take to end. */
const SETTLE_MS = 5000

/**
 * Between a person's wish for the conversation and the safe point at which they get it: the running turn has ended, or asks what only they can
 * answer. Until then the talk goes on as it is.
 */
export class HandOver {
  readonly #life: TaskLife
  #request: AttachRequest | undefined

  constructor(life: TaskLife) {
    this.#life = life
  }

  /** Before the talk hears it: the talk's end where this is the safe point. */
  async hear(news: News | undefined, talk: Handed): Promise<TalkEnd | undefined> {
    if (news?.kind === 'attach') return this.#wish(news, talk)
    if (this.#request === undefined || news === undefined) return undefined
    switch (news.kind) {
      case 'exited':
        return this.#life.isCurrent(news.process) ? this.#lent(true) : undefined
      case 'leave-asked':
        return this.#life.isCurrent(news.process) && !this.#life.leaves.isDecided(news.request)
          ? this.#lent(false, this.#parked())
          : undefined
      case 'turn-ended':
        return this.#life.isCurrent(news.process) ? this.#turnEnded(news, talk) : undefined
      default:
        return undefined
    }
  }

  /** The talk has ended for another reason: whoever comes next hears of the wish. */
  passOn(): void {
    if (this.#request !== undefined) this.#life.mailbox.defer(this.#request)
  }

  /** Of several the last one counts: the others see who has it. */
  async #wish(request: AttachRequest, { isIdle }: Handed): Promise<Lent | undefined> {
    this.#request = request
    if (isIdle) return this.#lent(false)
    if (this.#life.openLeaves.length > 0) return this.#lent(false, this.#parked())
    if (!request.isNow) return undefined
    await interruptTurn(this.#life)
    return this.#lent(true)
  }

  async #turnEnded(news: Extract<News, { kind: 'turn-ended' }>, talk: Handed): Promise<TalkEnd | undefined> {
    switch (news.outcome.kind) {
      case 'completed':
        return talk.hasHeardAll(news.heard) ? this.#lent(false) : undefined
      case 'usage-limit':
      case 'budget-exhausted':
      case 'too-many-turns': {
        const then = await talk.hear(news)
        return then?.kind === 'held' || then?.kind === 'limited' ? this.#lent(false, then) : then
      }
      default:
        return this.#lent(true)
    }
  }

  #parked(): Held {
    const { letters, openLeaves } = this.#life
    return held({ kind: 'waiting', for: letters.unsettled, asks: openLeaves }, true)
  }

  #lent(isTorn: boolean, otherwise?: Lent['otherwise']): Lent | undefined {
    const request = this.#request
    this.#request = undefined
    return request && { kind: 'lent', request, isTorn, ...(otherwise && { otherwise }) }
  }
}

/** What is running is ended, and the agent has written down that it was. */
async function interruptTurn(life: TaskLife): Promise<void> {
  if (!(await life.interrupt())) return
  for (;;) {
    const news = await life.mailbox.receive(SETTLE_MS)
    if (news === undefined) return
    if ((news.kind === 'turn-ended' || news.kind === 'exited') && life.isCurrent(news.process)) return
    life.mailbox.defer(news)
  }
}
