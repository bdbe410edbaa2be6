import type { AwaitedAnswer } from '../../domain/tasks/stage.ts'
import type { News } from '../news.ts'

export type Letter = Extract<News, { kind: 'mail' }>

/**
 * What others have said to a task's session and it has not heard yet, and what it has asked of others and waits for. Taken down at the moment
 * the news is read, whoever reads it, so that no wait loses mail.
 */
export class Letters {
  readonly #unsaid: Letter[] = []
  readonly #known = new Set<string>()
  readonly #asked = new Map<string, AwaitedAnswer>()
  readonly #answered = new Set<string>()
  /** Ids of what others wait for from this session, until it was reminded. */
  #owed: string[] = []

  heed(news: News): void {
    if (news.kind === 'mail') this.#receive(news)
    if (news.kind === 'asked' && !this.#answered.has(news.message)) {
      const { message, what, to, text } = news
      this.#asked.set(message, { message, what, to, text })
    }
  }

  /** The first answer settles it, whoever gives it. */
  #receive(letter: Letter): void {
    if (letter.inReplyTo !== undefined) {
      this.#answered.add(letter.inReplyTo)
      this.#asked.delete(letter.inReplyTo)
    }
    if (this.#known.has(letter.id)) return
    this.#known.add(letter.id)
    this.#unsaid.push(letter)
    if (letter.what === 'question' || letter.what === 'need') this.#owed.push(letter.message)
  }

  /** What others asked of it and it may not have answered: each once. */
  takeOwed(): readonly string[] {
    return this.#owed.splice(0)
  }

  /** What the session asked and nobody has answered. */
  get unsettled(): readonly AwaitedAnswer[] {
    return [...this.#asked.values()]
  }

  get isEmpty(): boolean {
    return this.#unsaid.length === 0
  }

  /** Something waits to be heard that brings back a session. */
  get wakes(): boolean {
    return this.#unsaid.some(({ wakes }) => wakes)
  }

  /** By its id on the board. */
  holds(message: string): boolean {
    return this.#unsaid.some((letter) => letter.message === message)
  }

  take(): Letter | undefined {
    return this.#unsaid.shift()
  }
}
