import type { QueueResponse } from '../../protocol/queue.ts'
import type { QueueRequest } from '../../protocol/requests.ts'
import type { Command } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { nameForDaemon } from '../tasks/chosen-task.ts'

export const pause: Command = (context, invocation) => steer(context, invocation, { action: 'pause' }, 'the queue is paused')
export const resume: Command = (context, invocation) => steer(context, invocation, { action: 'resume' }, 'the queue goes on')
export const remove: Command = (context, invocation) =>
  steer(context, invocation, { action: 'remove', names: namesOf(context, invocation) }, 'taken out of the queue')
export const prioritise: Command = (context, invocation) =>
  steer(
    context,
    invocation,
    { action: 'prioritise', names: namesOf(context, invocation), priority: priorityOf(invocation) },
    'priority changed',
  )

function namesOf(context: Context, { words }: Invocation): string[] {
  return words.flatMap((word) => nameForDaemon(context, word) ?? [])
}

function priorityOf(invocation: Invocation): number {
  const value = text(invocation, 'to') ?? '1'
  const priority = Number(value)
  if (!/^-?\d+$/.test(value) || priority < -100 || priority > 100)
    throw usageFailure(`--to takes a whole number from -100 to 100, not "${value}".`)
  return priority
}

async function steer(context: Context, invocation: Invocation, request: Omit<QueueRequest, 'cwd'>, said: string): Promise<number> {
  const isDryRun = flag(invocation, 'dryRun')
  const body: QueueRequest = { cwd: context.cwd, ...request, ...(isDryRun && { isDryRun }) }
  const response = await ask<QueueResponse>(context, { method: 'POST', path: '/v1/queue', body, isRepeatable: true }, 'asking the queue')
  if (flag(invocation, 'json')) context.output.json({ ...response, isDryRun })
  else context.output.answer(isDryRun ? `would be done: ${said}` : said)
  return EXIT.done
}
