import { decisionsInForce } from '../../domain/board/decisions.ts'
import { type BoardMessage, HUMAN, type NewMessage, ORCH, type Party, type Receipt, settlesQuestion } from '../../domain/board/message.ts'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Board } from '../../workflows/team-services.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { BoardStore } from './board-store.ts'
import type { Delivery } from './delivery.ts'
import { featureOf } from './circle.ts'
import { WaitCycles } from './wait-cycles.ts'

/** What sessions, people and orch say to each other: puts it on record, then carries it to its receivers. */
export class MessageBoard implements Board {
  readonly #store: BoardStore
  readonly #delivery: Delivery
  readonly #listeners = new Set<(message: BoardMessage) => void>()
  readonly #cycles: WaitCycles

  /** `ended`: whose tasks are over. */
  constructor(store: BoardStore, delivery: Delivery, ended: () => ReadonlySet<Party>) {
    this.#store = store
    this.#delivery = delivery
    this.#cycles = new WaitCycles({
      messages: (project) => store.messages(project),
      replies: (message) => store.replies(message),
      ended,
      post: (project, message, key) => this.post(project, message, key),
    })
    delivery.onRefused = (project, note, key) => this.post(project, note, key)
  }

  async post(project: string, message: NewMessage, key: string): Promise<string> {
    return (await this.take(project, message, key)).id
  }

  /**
   * Failure `already-answered` where the person has answered that message before. `beforeDelivery`: what has to be settled before
   * anybody can answer; what it fails with leaves the message on the board for the next try.
   */
  async take(
    project: string,
    message: NewMessage,
    key: string,
    { writtenAt, beforeDelivery }: { writtenAt?: number; beforeDelivery?: (message: BoardMessage) => Promise<void> } = {},
  ): Promise<BoardMessage> {
    const refuse = (): void => this.#refuseSecondAnswer(project, message)
    const added = await this.#store.add(project, message, key, { refuse, ...(writtenAt !== undefined && { writtenAt }) })
    await beforeDelivery?.(added.message)
    await this.#delivery.deliver(added.message)
    await this.#cycles.follow(added.message)
    if (added.isNew) for (const listener of this.#listeners) listener(added.message)
    return added.message
  }

  async hasHeard(project: string, id: string, party: Party): Promise<boolean> {
    const message = this.#store.find(project, id)
    return message === undefined || !this.#store.pending(message).includes(party)
  }

  async messagesOf(project: string, feature: string): Promise<readonly BoardMessage[]> {
    return this.#store.messages(project).filter((message) => message.feature === feature)
  }

  async unanswered(project: string, ids: readonly string[]): Promise<readonly BoardMessage[]> {
    const asked = ids.flatMap((id) => this.#store.find(project, id) ?? [])
    // A need that names files is met by the commit that changes them.
    const isByHand = ({ kind, about }: BoardMessage): boolean => kind === 'question' || (about?.paths ?? []).length === 0
    return asked.filter((message) => isByHand(message) && this.#store.replies(message).length === 0)
  }

  async decisionsFor(input: TaskInput): Promise<readonly BoardMessage[]> {
    const feature = featureOf(input)
    return decisionsInForce(this.#store.decisions(input.project), { handle: input.handle, ...(feature !== undefined && { feature }) })
  }

  find(project: string, id: string): BoardMessage | undefined {
    return this.#store.find(project, id)
  }

  findSource(project: string, source: string): BoardMessage | undefined {
    return this.#store.findSource(project, source)
  }

  /** In the order in which they were taken. */
  messages(project: string): readonly BoardMessage[] {
    return this.#store.messages(project)
  }

  receipts(message: BoardMessage): readonly Receipt[] {
    return this.#store.receipts(message)
  }

  replies(message: BoardMessage): readonly BoardMessage[] {
    return this.#store.replies(message)
  }

  /** Of every message that comes from now on, once it stands on the board. */
  onMessage(listener: (message: BoardMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The session's record shows the message of this uuid: if it is mail of the board, that is its receipt. */
  noteDelivered(handle: Party, uuid: string, at: number): void {
    this.#delivery.noteDelivered(handle, uuid, at)
  }

  /** What the person has said to one question counts; a second answer would contradict what a session has acted on. */
  #refuseSecondAnswer(project: string, { from, inReplyTo }: NewMessage): void {
    if (from !== HUMAN || inReplyTo === undefined) return
    const asked = this.#store.find(project, inReplyTo)
    const earlier = asked && this.#store.replies(asked).find(settlesQuestion)
    if (earlier !== undefined) throw alreadyAnswered(inReplyTo, earlier)
  }
}

function alreadyAnswered(asked: string, { id, project, from, decision, text, takenAt }: BoardMessage): Failure {
  const said = [
    decision === undefined ? undefined : { approve: 'approved', deny: 'denied' }[decision],
    text === '' ? undefined : `"${plainLine(text)}"`,
  ]
  const words = said.filter((word) => word !== undefined).join(': ')
  const at = new Date(takenAt).toISOString()
  const how = from === ORCH ? `taken back at ${at}: ${words}` : `answered already, at ${at}: ${words}`
  return new Failure('already-answered', `${asked} of ${project} was ${how}`, {
    facts: { message: asked, answer: id },
    safe: 'that stands, and nothing more was said',
    next: `orch board shows it; to add something: orch send`,
  })
}
