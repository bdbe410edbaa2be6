import { type BoardMessage, type NewMessage, ORCH, type Party } from '../../domain/board/message.ts'
import { cycleMessage, cyclesClosedBy, type WaitCycle } from '../../domain/board/waits.ts'

export interface WaitCyclesParts {
  readonly messages: (project: string) => readonly BoardMessage[]
  readonly replies: (message: BoardMessage) => readonly BoardMessage[]
  /** Those whose tasks have ended. */
  readonly ended: () => ReadonlySet<Party>
  readonly post: (project: string, message: NewMessage, key: string) => Promise<unknown>
}

/** Its word in the source of what is said of a cycle; behind it the ids of the messages by which they wait for each other. */
const CYCLE = 'cycle'

/** Who waits for each other is told so, with the person; once any of them is answered the person has nothing more to do about it. */
export class WaitCycles {
  readonly #parts: WaitCyclesParts

  constructor(parts: WaitCyclesParts) {
    this.#parts = parts
  }

  /** For each message when it is taken; again for the same one it says nothing twice. */
  async follow(message: BoardMessage): Promise<void> {
    if (message.inReplyTo !== undefined) await this.#closeBroken(message.inReplyTo, message)
    const { messages, ended, post } = this.#parts
    const { project, feature } = message
    for (const cycle of cyclesClosedBy(message, messages(project), ended())) {
      await post(project, cycleMessage(cycle, feature), sourceOf(cycle))
    }
  }

  async #closeBroken(answered: string, { project, from }: BoardMessage): Promise<void> {
    const { messages, replies, post } = this.#parts
    for (const told of messages(project)) {
      const [word, ...waits] = told.source.split(' ')
      if (told.from !== ORCH || word !== CYCLE || !waits.includes(answered) || replies(told).length > 0) continue
      const text = `${from} has answered ${answered}, so they go on.`
      const { feature } = told
      const answer: NewMessage = { kind: 'answer', from: ORCH, to: [], text, inReplyTo: told.id, ...(feature !== undefined && { feature }) }
      await post(project, answer, `broken ${told.id}`)
    }
  }
}

/** The same for a cycle whichever of its messages closes it: one that is taken again after a crash comes after those that it was before. */
function sourceOf(cycle: WaitCycle): string {
  return [CYCLE, ...cycle.map((wait) => wait.message).toSorted()].join(' ')
}
