import { plainLine } from '../../foundation/text.ts'
import type { TaskResponse } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { rememberTask } from '../tasks/last-task.ts'

/** Prints what the daemon says of the one task a command was about. */
export function answerTask(context: Context, invocation: Invocation, response: TaskResponse, said: string): number {
  rememberTask(context, response.task.handle)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else {
    const note = response.note === undefined ? '' : ` ${plainLine(response.note)}`
    context.output.answer(`${plainLine(response.task.handle)}: ${response.isDryRun ? `would be ${said}` : said}.${note}`)
  }
  return EXIT.done
}
