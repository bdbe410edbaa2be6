import { decisionLines, decisionText } from '../../domain/board/decision-text.ts'
import type { TaskLife } from '../life/task-life.ts'

/** What was decided for this task, shortened, but for what it is about to hear as mail. Tasks of earlier versions know of no decisions. */
export async function decisionsInForce({ run, input, services, letters }: TaskLife): Promise<string | undefined> {
  if (input.settings.parkAfterMs === undefined) return undefined
  const lines = await run.step('decisions', async () => decisionLines(await services.board.decisionsFor(input)))
  return decisionText(lines.filter(({ id }) => !letters.holds(id)))
}
