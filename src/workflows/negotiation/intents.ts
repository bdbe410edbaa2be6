import type { Sha } from '../../foundation/brand.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Intent } from '../../domain/negotiation/negotiation-words.ts'
import type { OverlapPart } from '../../domain/radar/parts-overlap.ts'
import type { Services } from '../services.ts'
import type { TaskInput } from '../task-input.ts'

export interface IntentSources {
  /** The feature's. */
  readonly input: TaskInput
  readonly services: Pick<Services, 'repository' | 'board'>
}

/** What these parts last told the others; of one that said nothing, the subject of its newest commit. To be called within a step. */
export async function intentsOf(sides: readonly OverlapPart[], { input, services }: IntentSources): Promise<Record<string, Intent>> {
  const messages = await services.board.messagesOf(input.project, input.handle)
  const repository = await services.repository(input.repository)
  const intents: Record<string, Intent> = {}
  for (const { handle, head, isCommitted } of sides) {
    const told = messages.findLast(({ from, kind }) => from === handle && (kind === 'context' || kind === 'decision' || kind === 'offer'))
    const asksGit = told === undefined && isCommitted
    const [newest] = asksGit ? await repository.commitsBetween(`${head}^` as Sha, head as Sha, 1).catch(() => []) : []
    const said = told?.text ?? newest?.subject
    const title = `${handle.slice(input.handle.length + 1)} of "${plainLine(input.task.title, 120)}"`
    intents[handle] = { title, ...(said !== undefined && { said: plainLine(said, 300) }) }
  }
  return intents
}
