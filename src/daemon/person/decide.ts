import { blocksSender, HUMAN } from '../../domain/board/message.ts'
import { Failure } from '../../foundation/failure.ts'
import type { DecideRequest } from '../../protocol/requests.ts'
import type { DecideResponse } from '../../protocol/responses.ts'
import type { RequestParts } from '../requests/parts.ts'

/** `orch answer | approve | deny` to a message on the board. Failures: `unknown-message`, `already-answered`. */
export async function decide({ board, personOutbox }: RequestParts, request: DecideRequest): Promise<DecideResponse> {
  const { project, message, decision, text, id } = request
  const asked = board.find(project, message)
  if (asked === undefined || !asked.to.includes(HUMAN) || !blocksSender(asked))
    throw new Failure('unknown-message', `nothing in ${project} waits for you under "${message}"`, {
      safe: 'nothing was said',
      next: 'orch inbox shows what waits',
    })
  const said = { kind: 'answer', project, inReplyTo: message, text, ...(decision !== undefined && { decision }) } as const
  const answer = await personOutbox.say(said, `human/${id}`)
  return { project, message, answer: answer.id, to: answer.to }
}
